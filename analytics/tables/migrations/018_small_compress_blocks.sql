-- A part of events is written through a buffer for each of its 145 files, and the orders' merge holds as many for what it writes: with the
-- usual 1 MiB each these were most of the memory of an insert (515 MB of 300,000 rows, now 199) and of that merge (400 MB, now 200). A block of
-- 64 KiB is what LZ4 looks back over anyway: the tables are 2 % larger for it.
ALTER TABLE eshop_store.events MODIFY SETTING max_compress_block_size = 65536;

ALTER TABLE eshop_store.orders MODIFY SETTING max_compress_block_size = 65536;
