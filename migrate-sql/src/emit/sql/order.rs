//! What stands on what.

/// Sorts so that everything comes after what it needs, and otherwise stays in its order. `needs` says
/// whether the first needs the second; a circle is cut somewhere.
pub(super) fn by_need<T>(items: Vec<T>, needs: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut order = Vec::with_capacity(items.len());
    let mut seen = vec![false; items.len()];
    for at in 0..items.len() {
        visit(at, &items, &needs, &mut seen, &mut order);
    }
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|at| items.get_mut(at).and_then(Option::take))
        .collect()
}

fn visit<T>(
    at: usize,
    items: &[T],
    needs: &impl Fn(&T, &T) -> bool,
    seen: &mut [bool],
    order: &mut Vec<usize>,
) {
    match seen.get_mut(at) {
        Some(seen) if !*seen => *seen = true,
        _ => return,
    }
    for (other, needed) in items.iter().enumerate() {
        if other != at && items.get(at).is_some_and(|it| needs(it, needed)) {
            visit(other, items, needs, seen, order);
        }
    }
    order.push(at);
}

#[cfg(test)]
mod tests {
    use super::by_need;

    #[test]
    fn what_is_needed_comes_first() {
        let needs = |one: &i32, other: &i32| (*one, *other) == (1, 3) || (*one, *other) == (3, 4);
        assert_eq!(by_need(vec![1, 2, 3, 4], needs), [4, 3, 1, 2]);
        let circle = |one: &i32, other: &i32| one != other;
        assert_eq!(by_need(vec![1, 2], circle), [2, 1]);
    }
}
