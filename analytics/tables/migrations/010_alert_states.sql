-- Where each alert stands, so that a restart neither forgets one that fires nor tells it anew.
CREATE TABLE eshop_store.alert_states
(
  name String,
  state String,
  changed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY name;
