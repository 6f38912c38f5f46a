//! A shell script, in each way that a recipe can have one. Inputs worth starting from: scripts.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: &str| {
    let block = script.replace('\n', "\n        ");
    let quoted = script.replace('\'', "''").replace('\n', "\n\n        ");
    let recipe = format!(
        "amint: 1\nname: x\nversion: 1\nbase: {{ local: {{ debian: bookworm }} }}\nvariables: {{ x: 'a b' }}\n\
         steps:\n  - shell:\n      run: |\n        {block}\n  - shell:\n      run: '{quoted}'\n  \
         - shell: {{ script: script.sh }}\n  - file: {{ from: script.sh, to: /etc/ssh/sshd_config }}\n"
    );
    let files = BTreeMap::from([("script.sh".to_owned(), script.as_bytes().to_vec())]);
    amint_recipe_fuzz::read(&recipe, &files);
});
