//! What the shapes' derived schema is made into, so that editors say what the reader would.

use schemars::Schema;
use serde_json::{Map, Value};

/// Two things over the whole schema:
///
/// - The one key of a step gets the description of the step, which editors show for a key and not for an alternative.
/// - A key that is given needs a value: only a mapping whose keys are all optional may be left empty (`seal:`).
pub(super) fn tidy(schema: &mut Schema) {
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    if let Some(root) = schema.as_object_mut() {
        tidy_object(root, &definitions);
    }
}

fn tidy_object(object: &mut Map<String, Value>, definitions: &Value) {
    describe_only_key(object);
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            refuse_nothing(property, definitions);
        }
    }
    for value in object.values_mut() {
        tidy_value(value, definitions);
    }
}

fn tidy_value(value: &mut Value, definitions: &Value) {
    match value {
        Value::Object(object) => tidy_object(object, definitions),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| tidy_value(item, definitions)),
        _ => {}
    }
}

fn describe_only_key(object: &mut Map<String, Value>) {
    let description = object.get("description").cloned();
    let examples = object.get("examples").cloned();
    let Some(Value::Object(properties)) = object.get_mut("properties") else {
        return;
    };
    let mut properties = properties.iter_mut();
    let (Some((key, Value::Object(only))), None) = (properties.next(), properties.next()) else {
        return;
    };
    if let (Some(description), false) = (description, only.contains_key("description")) {
        only.insert("description".to_owned(), description);
    }
    // An example of the step is one of what its key holds.
    let held: Option<Vec<Value>> = examples.as_ref().and_then(Value::as_array).map(|examples| {
        let held = examples.iter().filter_map(|example| example.get(key));
        held.cloned().collect()
    });
    if let (Some(held), false) = (held, only.contains_key("examples")) {
        only.insert("examples".to_owned(), Value::Array(held));
    }
}

fn refuse_nothing(property: &mut Map<String, Value>, definitions: &Value) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            property.insert("type".to_owned(), one);
        }
    }
    let Some(Value::Array(alternatives)) = property.get_mut("anyOf") else {
        return;
    };
    if alternatives
        .iter()
        .any(|one| may_be_empty(one, definitions))
    {
        return;
    }
    alternatives.retain(|one| one.get("type").is_none_or(|one| one != "null"));
    if let [Value::Object(only)] = alternatives.as_mut_slice() {
        let only = std::mem::take(only);
        property.remove("anyOf");
        property.extend(only);
    }
}

/// Whether a schema is that of a mapping without a required key.
fn may_be_empty(schema: &Value, definitions: &Value) -> bool {
    let name = schema.get("$ref").and_then(Value::as_str);
    let target = name.and_then(|name| definitions.get(name.strip_prefix("#/$defs/")?));
    let Some(target) = target else {
        return false;
    };
    target.get("properties").is_some() && target.get("required").is_none()
}
