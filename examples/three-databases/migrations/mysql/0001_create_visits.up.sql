CREATE TABLE visits (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    visitor varchar(200) NOT NULL,
    at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB;
