-- Fields of a newer producer that have no column yet, as JSON: kept and counted (analytics_unknown_fields_total), never lost. A later
-- migration gives such a field its column; `eshop analytics rebuild` fills it for the records of before.
ALTER TABLE eshop_store.events ADD COLUMN IF NOT EXISTS unknown_fields String;
