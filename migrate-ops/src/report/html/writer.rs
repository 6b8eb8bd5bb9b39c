//! Writes HTML that cannot be broken out of.

use migrate_core::{visible, visible_lines};

/// HTML as it grows. Names of elements and attributes are the program's own; every text and every
/// value of an attribute is escaped, and what a reader could not see is written out.
pub(super) struct Html {
    text: String,
}

impl Html {
    pub(super) fn document() -> Self {
        Html {
            text: String::from("<!doctype html>\n"),
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    /// An element with what is in it.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        content: impl FnOnce(&mut Html),
    ) {
        self.open(name, attributes);
        content(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// An element with text in it.
    pub(super) fn simple(&mut self, name: &'static str, class: &'static str, text: &str) {
        let attributes = [("class", class)];
        let attributes = if class.is_empty() {
            &[]
        } else {
            attributes.as_slice()
        };
        self.element(name, attributes, |html| html.text(text));
    }

    /// An element that has no content and no end.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push(' ');
            self.text.push_str(attribute);
            self.text.push_str("=\"");
            self.escaped(&visible(value));
            self.text.push('"');
        }
        self.text.push('>');
    }

    /// Text.
    pub(super) fn text(&mut self, text: &str) {
        self.escaped(&visible_lines(text));
    }

    /// A style sheet of the program's own.
    pub(super) fn style(&mut self, css: &'static str) {
        self.text.push_str("<style>");
        self.text.push_str(css);
        self.text.push_str("</style>");
    }

    /// The end of a line in the file, between elements where white space means nothing.
    pub(super) fn line(&mut self) {
        self.text.push('\n');
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                c => self.text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        let mut html = Html::document();
        let evil = "\"><script>alert('x')</script>&\u{202e}\0";
        html.element("p", &[("title", evil)], |html| html.text(evil));
        let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\
                       \\u{202e}\\u{0}";
        assert_eq!(
            html.finish(),
            format!("<!doctype html>\n<p title=\"{escaped}\">{escaped}</p>\n")
        );
    }
}
