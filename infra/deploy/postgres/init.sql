-- One database and one role per service; runs once, when the volume is new (psql of the postgres image, as superuser).
-- Nobody but its owner and the superuser connects to a database.

\getenv password LOTSE_CONTACTS_DATABASE_PASSWORD
CREATE ROLE lotse_contacts LOGIN PASSWORD :'password';
CREATE DATABASE lotse_contacts OWNER lotse_contacts;
REVOKE ALL ON DATABASE lotse_contacts FROM PUBLIC;

\getenv password LOTSE_FORUM_DATABASE_PASSWORD
CREATE ROLE lotse_forum LOGIN PASSWORD :'password';
CREATE DATABASE lotse_forum OWNER lotse_forum;
REVOKE ALL ON DATABASE lotse_forum FROM PUBLIC;

\getenv password LOTSE_NEWSLETTER_DATABASE_PASSWORD
CREATE ROLE lotse_newsletter LOGIN PASSWORD :'password';
CREATE DATABASE lotse_newsletter OWNER lotse_newsletter;
REVOKE ALL ON DATABASE lotse_newsletter FROM PUBLIC;

\getenv password LOTSE_SEARCH_DATABASE_PASSWORD
CREATE ROLE lotse_search LOGIN PASSWORD :'password';
CREATE DATABASE lotse_search OWNER lotse_search;
REVOKE ALL ON DATABASE lotse_search FROM PUBLIC;

REVOKE ALL ON DATABASE postgres FROM PUBLIC;
