//! A write looks, compares, writes, counts and looks again, by a login of its own.
