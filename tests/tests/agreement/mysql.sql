-- Every case ends with the statement that is judged. See ../agreement.rs.

