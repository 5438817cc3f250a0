-- Run once by the PostgreSQL container, when its data folder is empty: one database per service.
create database basket;
create database catalog;
create database ordering;
create database payment;
create database tasks;
create database registry;
