//! Room for the planner, which goes as deep as expressions and queries nest.

/// What the deepest SQL that our limits let pass needs, in a build without optimisation, and then some.
const NEEDED: usize = 24 << 20;

/// The stack that is taken where there is less. Memory is taken only as far as it is used.
const SIZE: usize = 64 << 20;

/// Plans on a stack on which the deepest SQL fits, whatever thread this is.
pub(crate) fn with_room<T>(plan: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(NEEDED, SIZE, plan)
}
