pub fn up<C>(_: &mut C) -> Result<(), String> {
    Ok(())
