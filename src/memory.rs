//! How much memory the standard collections hold.

use std::collections::HashMap;

/// Bytes that a map holds on the heap, without what its keys and values lead to.
pub(crate) fn of_map<K, V, S>(map: &HashMap<K, V, S>) -> usize {
    // hashbrown: a pair and a control byte for each slot, 8/7 slots for each entry of capacity.
    map.capacity() * 8 / 7 * (size_of::<(K, V)>() + 1)
}
