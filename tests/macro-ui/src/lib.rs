//! A package of its own for the cases under `ui`, because they are compiled with everything that their
//! package depends on. The test is `tests/macro_ui.rs`.
