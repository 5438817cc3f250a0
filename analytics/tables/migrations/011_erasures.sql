-- Customers whose personal data was erased, by the SHA-256 of their id: enough to erase again what comes late, or comes again in a rebuild.
CREATE TABLE eshop_store.erasures
(
  customer FixedString(64),
  erased_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY customer;
