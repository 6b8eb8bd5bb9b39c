diesel::table! {
    users (id) {
        id -> Text,
        name -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
    }
}
