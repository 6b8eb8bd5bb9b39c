// No table yet.
