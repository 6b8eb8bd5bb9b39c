//! What differs between two texts, as `diff -u` shows it and `git apply` reads it.

/// Lines that are the same, shown before and after what differs.
const AROUND: usize = 3;

/// More pairs of lines than this are not compared one by one: all in between counts as different.
const MOST_PAIRS: usize = 4_000_000;

/// One line of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

/// The difference; empty where there is none. `before` is `None` for a new file.
pub(super) fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    let old: Vec<&str> = before.unwrap_or_default().split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let lines = compare(&old, &new);
    if lines.iter().all(|line| matches!(line, Line::Same(_))) {
        return String::new();
    }
    let mut text = match before {
        Some(_) => format!("--- a/{path}\n"),
        None => "--- /dev/null\n".to_owned(),
    };
    text.push_str(&format!("+++ b/{path}\n"));
    for hunk in hunks(&lines) {
        text.push_str(&hunk);
    }
    text
}

/// The lines of both, those that are the same as a longest common part.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let same = |a: &(&&str, &&str)| a.0 == a.1;
    let head = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(same)
        .count();
    let (old_middle, old_tail) = old_rest.split_at(old_rest.len() - tail);
    let (new_middle, _) = new_rest.split_at(new_rest.len() - tail);
    let mut lines: Vec<Line<'a>> = old[..head].iter().map(|line| Line::Same(line)).collect();
    lines.extend(middle(old_middle, new_middle));
    lines.extend(old_tail.iter().map(|line| Line::Same(line)));
    lines
}

fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        let gone = old.iter().map(|line| Line::Gone(line));
        return gone.chain(new.iter().map(|line| Line::New(line))).collect();
    }
    // How long the longest common part of the rests is.
    let width = new.len() + 1;
    let mut longest = vec![0_usize; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = match old[i] == new[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            lines.push(Line::Gone(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
    lines
}

fn hunks(lines: &[Line<'_>]) -> Vec<String> {
    let differs: Vec<usize> = (0..lines.len())
        .filter(|at| !matches!(lines[*at], Line::Same(_)))
        .collect();
    let mut hunks = Vec::new();
    let mut rest = differs.as_slice();
    while let Some(first) = rest.first() {
        // What is near enough that the lines around it touch belongs together.
        let together = rest
            .windows(2)
            .take_while(|pair| pair[1] - pair[0] <= 2 * AROUND)
            .count();
        let (here, later) = rest.split_at(together + 1);
        let last = here.last().unwrap_or(first);
        let start = first.saturating_sub(AROUND);
        let end = (last + AROUND + 1).min(lines.len());
        hunks.push(hunk(lines, start, end));
        rest = later;
    }
    hunks
}

fn hunk(lines: &[Line<'_>], start: usize, end: usize) -> String {
    let count = |lines: &[Line<'_>], other: fn(&Line<'_>) -> bool| {
        lines.iter().filter(|line| !other(line)).count()
    };
    let is_new = |line: &Line<'_>| matches!(line, Line::New(_));
    let is_gone = |line: &Line<'_>| matches!(line, Line::Gone(_));
    let (before, here) = (&lines[..start], &lines[start..end]);
    let range = |other: fn(&Line<'_>) -> bool| {
        let length = count(here, other);
        // Of nothing, the line before it is named.
        let first = count(before, other) + usize::from(length > 0);
        format!("{first},{length}")
    };
    let mut text = format!("@@ -{} +{} @@\n", range(is_new), range(is_gone));
    for line in here {
        let (mark, line) = match line {
            Line::Same(line) => (' ', line),
            Line::Gone(line) => ('-', line),
            Line::New(line) => ('+', line),
        };
        text.push(mark);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_diff_shows_it() {
        assert_eq!(unified("a", Some("x\n"), "x\n"), "");
        assert_eq!(
            unified("a", None, "x\ny"),
            "--- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file\n"
        );
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n13\n12\n";
        assert_eq!(
            unified("a", Some(old), new),
            "--- a/a\n+++ b/a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -9,4 +9,5 @@\n 9\n 10\n 11\n+13\n 12\n"
        );
    }
}
