//! Misspelling a word as fingers do.

use migrate_core::Hasher;

/// The word with a letter missing, doubled, or in the place of the next one; never the word itself.
/// Which it is depends on the seed alone.
pub(super) fn misspell(word: &str, seed: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut hasher = Hasher::new();
    hasher.part(word.as_bytes()).part(seed.as_bytes());
    let checksum = hasher.checksum();
    let [first, second, ..] = *checksum.as_bytes();
    let place = usize::from(second) % letters.len().max(1);
    let mut wrong = letters.clone();
    match first % 3 {
        0 if letters.len() > 2 => {
            wrong.remove(place);
        }
        1 if place + 1 < letters.len() && letters[place] != letters[place + 1] => {
            wrong.swap(place, place + 1);
        }
        _ => {
            if let Some(letter) = letters.get(place) {
                wrong.insert(place, *letter);
            }
        }
    }
    wrong.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_another_one() {
        for word in ["aa", "ON", "TABLE", "users", "ää"] {
            for seed in 0..50 {
                assert_ne!(misspell(word, &seed.to_string()), word);
            }
        }
    }
}
