//! Works on many things beside each other, and hands what came of each on in the order of the things.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// So many results at most wait for one that takes long.
const WINDOW: usize = 64;

/// Give each of `items` to `work`, on as many threads as there are processors, and what comes of it to `take`, in order.
/// Never more than a few dozen results are held.
///
/// # Errors
/// The first that `take` returned; no more work is begun then.
pub fn in_order<I: Sync, R: Send, E>(
    items: &[I],
    work: impl Fn(&I) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    for window in items.chunks(WINDOW) {
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = window.get(at) else { return done };
                done.push((at, work(item)));
            }
        };
        let mut results: Vec<(usize, R)> = thread::scope(|scope| {
            let running: Vec<_> = (0..processors.min(window.len())).map(|_| scope.spawn(worker)).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        });
        results.sort_by_key(|(at, _)| *at);
        results.into_iter().try_for_each(|(_, result)| take(result))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_end_with_the_first_error() {
        let items: Vec<usize> = (0..1000).collect();
        let mut seen = Vec::new();
        let done: Result<(), ()> = in_order(
            &items,
            |item| item * 2,
            |result| {
                seen.push(result);
                Ok(())
            },
        );
        assert_eq!((done, seen.len(), seen.is_sorted()), (Ok(()), 1000, true));
        let count = AtomicUsize::new(0);
        let work = |item: &usize| {
            count.fetch_add(1, Ordering::Relaxed);
            *item
        };
        assert_eq!(in_order(&items, work, |result| if result == 3 { Err(result) } else { Ok(()) }), Err(3));
        assert!(count.into_inner() <= WINDOW);
    }
}
