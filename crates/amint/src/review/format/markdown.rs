//! A comment of a pull request, for people who do not program. What they must look at comes first; what is long is folded;
//! what does not fit is counted.

use amint_plan::Class;

use super::foreign::{code, fence, markdown, shown};
use super::lines::{self, Row};
use super::{entries, summary};
use crate::review::{Located, Review, Reviewed};

/// GitHub takes comments of 65,536 characters; a byte is never more than one.
const LONGEST: usize = 65_536;
/// What is kept for the note of what was left out.
const NOTE: usize = 600;
/// The longest folded text, in bytes, so that one does not displace all others.
const LONGEST_FOLDED: usize = 16 << 10;
/// By which a comment is found again, to be replaced by a newer one.
const MARKER: &str = "<!-- amint diff -->";

/// All of it, as far as it fits.
pub(super) fn document(review: &Review) -> String {
    let mut page = Page::new(LONGEST - NOTE);
    let all: Vec<(&Reviewed, &Located)> = review
        .recipes
        .iter()
        .flat_map(|recipe| recipe.changes.iter().map(move |change| (recipe, change)))
        .collect();
    page.add(&format!("{MARKER}\n## {}\n\n", headline(review)));
    page.add(&format!(
        "{}, from {} to {}.\n",
        capitalised(&summary(review)),
        code(&review.old),
        code(&review.new)
    ));
    for class in Class::ALL {
        let of_class = all.iter().filter(|(_, one)| one.change.class == class);
        let rows: Vec<String> = of_class.map(|(recipe, one)| row(recipe, one)).collect();
        if rows.is_empty() {
            continue;
        }
        let (open, close) = match class {
            Class::Weakened => (format!("\n### {class}\n\n"), ""),
            _ => (
                format!(
                    "\n<details>\n<summary><b>{class}</b> ({})</summary>\n\n",
                    rows.len()
                ),
                "\n</details>\n",
            ),
        };
        let head = format!(
            "{open}{}.\n\n| recipe | what | rule |\n|---|---|---|\n",
            capitalised(class.meaning())
        );
        page.section(&head, &rows, close);
    }
    if review.approvals.is_some() {
        let entries = entries(review);
        if !entries.is_empty() {
            page.folded("What would approve it", &entries, "yaml");
        }
    }
    for (recipe, one) in &all {
        if let Some((title, text)) = folded(recipe, one) {
            page.folded(&title, &text, "diff");
        }
    }
    page.finish()
}

fn headline(review: &Review) -> &'static str {
    match (review.count(Class::Weakened), review.unapproved()) {
        _ if review.broken > 0 => "Recipes: some cannot be used",
        (0, _) if review.recipes.is_empty() => "Recipes: nothing else is built",
        (0, _) => "Recipes: nothing got weaker",
        (_, 0) => "Recipes: what got weaker is approved",
        _ => "Recipes: something got weaker, and nobody approved it",
    }
}

fn row(recipe: &Reviewed, located: &Located) -> String {
    let change = &located.change;
    let mut what = markdown(&change.message);
    let labels = recipe.labels(located);
    if !labels.is_empty() {
        what.push_str(&format!(" ({})", markdown(&labels.join(", "))));
    }
    if let Some(approval) = recipe
        .approval(located)
        .filter(|_| change.class == Class::Weakened)
    {
        what.push_str(&format!(
            "<br>approved by {} on {}: {}",
            markdown(&approval.by),
            markdown(&approval.date),
            markdown(&approval.reason)
        ));
    }
    let place = code(&format!("{}:{}", located.line.file, located.line.first));
    format!("| {place} | {what} | {} |\n", code(change.rule.id))
}

/// What a change's texts were and are, as a diff; `None` where the message says it all.
fn folded(recipe: &Reviewed, located: &Located) -> Option<(String, String)> {
    let (what, rows) = lines::of_change(&located.change);
    let line = |row: &Row| format!("{}{}\n", row.mark.sign(), shown(&row.text()));
    let text: String = rows.iter().map(line).collect();
    let title = format!("{}, {}: {what}", recipe.path, located.change.place);
    (!text.is_empty()).then_some((title, text))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A text that ends before it is too long.
struct Page {
    text: String,
    longest: usize,
    /// What did not fit.
    rows: usize,
    texts: usize,
}

impl Page {
    fn new(longest: usize) -> Self {
        Self {
            text: String::new(),
            longest,
            rows: 0,
            texts: 0,
        }
    }

    fn fits(&self, length: usize) -> bool {
        self.text.len() + length <= self.longest
    }

    fn add(&mut self, text: &str) -> bool {
        let fits = self.fits(text.len());
        if fits {
            self.text.push_str(text);
        }
        fits
    }

    /// A table as far as it fits, or nothing of it.
    fn section(&mut self, head: &str, rows: &[String], close: &str) {
        let first = rows.first().map_or(0, String::len);
        if !self.fits(head.len() + first + close.len()) {
            self.rows += rows.len();
            return;
        }
        self.add(head);
        for row in rows {
            // What closes it has to fit as well.
            if !self.fits(row.len() + close.len()) || !self.add(row) {
                self.rows += 1;
            }
        }
        self.add(close);
    }

    /// A text that is shown when it is asked for. A long one is cut at the end of a line.
    fn folded(&mut self, title: &str, text: &str, language: &str) {
        let mut shown = text;
        if text.len() > LONGEST_FOLDED {
            let ends = text.match_indices('\n').map(|(end, _)| end + 1);
            let kept = ends.take_while(|end| *end <= LONGEST_FOLDED).last();
            shown = &text[..kept.unwrap_or_default()];
        }
        let rest = match text[shown.len()..].lines().count() {
            0 => String::new(),
            lines => format!("\n{lines} more lines were left out.\n"),
        };
        let fence = fence(shown);
        let end = if shown.ends_with('\n') { "" } else { "\n" };
        let block = format!(
            "\n<details>\n<summary>{}</summary>\n\n{fence}{language}\n{shown}{end}{fence}\n{rest}\n</details>\n",
            code(title)
        );
        if !self.add(&block) {
            self.texts += 1;
        }
    }

    fn finish(mut self) -> String {
        if self.rows + self.texts > 0 {
            self.text.push_str(&format!(
                "\n**This comment is cut**, since GitHub takes no longer ones: {} changes and {} texts are left out. \
                 `amint diff` shows all of it.\n",
                self.rows, self.texts
            ));
        }
        self.text
    }
}
