SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.annotations (
    session_key bigint NOT NULL,
    sequence bigint NOT NULL,
    "position" bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    severity smallint NOT NULL,
    text text NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='1', toast.autovacuum_vacuum_scale_factor='0.02', toast.autovacuum_vacuum_threshold='1000');

CREATE TABLE public.checkpoint_tags (
    session_key bigint NOT NULL,
    tag text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='1');

CREATE TABLE public.checkpoints (
    session_key bigint NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    "position" bigint NOT NULL,
    parent_sequence bigint NOT NULL,
    message text NOT NULL,
    tags text[] NOT NULL,
    first_tags text[],
    trigger_kind smallint NOT NULL,
    content_type text NOT NULL,
    size integer NOT NULL,
    checksum bytea NOT NULL,
    codec smallint NOT NULL,
    base_sequence bigint,
    stored_size integer NOT NULL,
    trunk boolean NOT NULL,
    chain bytea,
    stored bytea NOT NULL,
    group_sequence bigint,
    removed boolean DEFAULT false NOT NULL
)
WITH (toast_tuple_target='4096', autovacuum_vacuum_cost_delay='1', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_insert_scale_factor='0.05', toast.autovacuum_vacuum_cost_delay='1', toast.autovacuum_vacuum_scale_factor='0.02', toast.autovacuum_vacuum_threshold='1000');
ALTER TABLE ONLY public.checkpoints ALTER COLUMN stored SET STORAGE EXTERNAL;

CREATE TABLE public.due_work (
    work_id bigint NOT NULL,
    kind smallint NOT NULL,
    session_key bigint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    claimed_by text,
    claimed_until timestamp with time zone,
    noted bigint DEFAULT 0 NOT NULL,
    cursor bigint DEFAULT 0 NOT NULL
)
WITH (autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_cost_delay='0');

ALTER TABLE public.due_work ALTER COLUMN work_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.due_work_work_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events (
    session_key bigint NOT NULL,
    "position" bigint NOT NULL,
    kind smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    detail text,
    chain bytea
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='1', autovacuum_vacuum_insert_scale_factor='0.05');

CREATE TABLE public.removed_ranges (
    session_key bigint NOT NULL,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_threshold='200', autovacuum_vacuum_cost_delay='1');

CREATE TABLE public.removed_runs (
    session_key bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    creates bigint NOT NULL,
    bytes bigint NOT NULL,
    last_sequence bigint NOT NULL,
    chain bytea,
    seal bigint NOT NULL
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.requests (
    session_key bigint NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='1', autovacuum_vacuum_insert_scale_factor='0.05', toast.autovacuum_vacuum_scale_factor='0.02', toast.autovacuum_vacuum_threshold='1000');

CREATE TABLE public.schema_level (
    only_row boolean DEFAULT true NOT NULL,
    level integer NOT NULL,
    oldest_level integer NOT NULL,
    CONSTRAINT schema_level_only_row_check CHECK (only_row)
);

CREATE TABLE public.schema_scripts (
    schemaversionsid integer NOT NULL,
    scriptname character varying(255) NOT NULL,
    applied timestamp without time zone NOT NULL
);

CREATE SEQUENCE public.schema_scripts_schemaversionsid_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.schema_scripts_schemaversionsid_seq OWNED BY public.schema_scripts.schemaversionsid;

CREATE SEQUENCE public.session_keys
    START WITH 1
    INCREMENT BY 64
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.sessions (
    session_key bigint NOT NULL,
    tenant text NOT NULL COLLATE pg_catalog."C",
    session text NOT NULL COLLATE pg_catalog."C",
    incarnation integer NOT NULL,
    version bigint NOT NULL,
    last_batch uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_created_at timestamp with time zone,
    last_sequence bigint NOT NULL,
    head_sequence bigint NOT NULL,
    current_sequence bigint NOT NULL,
    last_position bigint NOT NULL,
    checkpoint_count bigint NOT NULL,
    checkpoint_bytes bigint NOT NULL,
    settings text,
    origin_key bigint,
    origin_sequence bigint,
    chain bytea,
    deleted_at timestamp with time zone,
    seal bigint,
    chained_after bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.1', autovacuum_analyze_scale_factor='0.05', autovacuum_vacuum_cost_delay='1');

CREATE TABLE public.verification (
    only_row boolean DEFAULT true NOT NULL,
    claimed_by text,
    claimed_until timestamp with time zone,
    next_at timestamp with time zone NOT NULL,
    after_tenant text NOT NULL COLLATE pg_catalog."C",
    after_session text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp with time zone,
    sessions bigint NOT NULL,
    damaged bigint NOT NULL,
    done_at timestamp with time zone,
    done_sessions bigint NOT NULL,
    done_damaged bigint NOT NULL,
    damaged_sessions text NOT NULL,
    CONSTRAINT verification_only_row_check CHECK (only_row)
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.schema_scripts ALTER COLUMN schemaversionsid SET DEFAULT nextval('public.schema_scripts_schemaversionsid_seq'::regclass);

INSERT INTO public.annotations VALUES (1, 3, 15, '2026-11-26 00:54:13.230144+00', 1, 'look again – größer 🧭');
INSERT INTO public.annotations VALUES (1, 3, 16, '2026-11-26 00:54:13.263676+00', 0, 'seen');
INSERT INTO public.annotations VALUES (1, 8, 17, '2026-11-26 00:54:13.271366+00', 2, 'broken');
INSERT INTO public.annotations VALUES (3, 3, 15, '2026-11-26 00:54:13.230144+00', 1, 'look again – größer 🧭');
INSERT INTO public.annotations VALUES (3, 3, 16, '2026-11-26 00:54:13.263676+00', 0, 'seen');
INSERT INTO public.annotations VALUES (7, 1, 1, '2026-11-26 00:54:13.867488+00', 0, '{"sequence_number":0,"id":"11111111-1111-4111-8111-111111111111","session_id":"7b1f7c52-5e0a-4c39-9a57-6f6d2f0c1e10","timestamp":"2025-11-02T09:00:05.123456789Z","checksum":"0000000000000000000000000000000000000000000000000000000000000000"}');
INSERT INTO public.annotations VALUES (7, 2, 2, '2026-11-26 00:54:13.867488+00', 0, '{"sequence_number":1,"id":"22222222-2222-4222-8222-222222222222","session_id":"7b1f7c52-5e0a-4c39-9a57-6f6d2f0c1e10","timestamp":"2025-11-02T09:05:00Z"}');
INSERT INTO public.annotations VALUES (7, 3, 3, '2026-11-26 00:54:13.867488+00', 0, '{"sequence_number":1,"id":"22222222-2222-4222-8222-222222222222","session_id":"7b1f7c52-5e0a-4c39-9a57-6f6d2f0c1e10","timestamp":"2025-11-02T09:04:00+00:00","checksum":""}');
INSERT INTO public.annotations VALUES (7, 4, 4, '2026-11-26 00:54:13.867488+00', 0, '{"sequence_number":2,"id":"cp-4","session_id":"8b1f7c52-5e0a-4c39-9a57-6f6d2f0c1e10","timestamp":"2025-11-02T11:06:00+02:00","checksum":"ab"}');
INSERT INTO public.annotations VALUES (3, 1, 25, '2026-11-26 00:54:21.449051+00', 0, 'in the copy');

INSERT INTO public.checkpoint_tags VALUES (1, 't1', 1);
INSERT INTO public.checkpoint_tags VALUES (1, 'late', 8);
INSERT INTO public.checkpoint_tags VALUES (1, 't0', 3);
INSERT INTO public.checkpoint_tags VALUES (66, 'x', 1);
INSERT INTO public.checkpoint_tags VALUES (1, 't0', 6);
INSERT INTO public.checkpoint_tags VALUES (1, 't0', 9);
INSERT INTO public.checkpoint_tags VALUES (1, 't2', 11);
INSERT INTO public.checkpoint_tags VALUES (1, 'milestone', 12);
INSERT INTO public.checkpoint_tags VALUES (1, 't0', 12);
INSERT INTO public.checkpoint_tags VALUES (1, 'Ünï {a,b}', 12);
INSERT INTO public.checkpoint_tags VALUES (1, 'kept', 4);
INSERT INTO public.checkpoint_tags VALUES (1, 'first 🧭', 4);
INSERT INTO public.checkpoint_tags VALUES (1, 'branch', 14);
INSERT INTO public.checkpoint_tags VALUES (2, 'keep', 3);
INSERT INTO public.checkpoint_tags VALUES (2, 'batch', 11);
INSERT INTO public.checkpoint_tags VALUES (3, 't1', 1);
INSERT INTO public.checkpoint_tags VALUES (3, 't0', 3);
INSERT INTO public.checkpoint_tags VALUES (3, 'kept', 4);
INSERT INTO public.checkpoint_tags VALUES (3, 'first 🧭', 4);
INSERT INTO public.checkpoint_tags VALUES (3, 't0', 6);
INSERT INTO public.checkpoint_tags VALUES (3, 't1', 7);
INSERT INTO public.checkpoint_tags VALUES (3, 't0', 9);
INSERT INTO public.checkpoint_tags VALUES (3, 't2', 11);
INSERT INTO public.checkpoint_tags VALUES (3, 'milestone', 12);
INSERT INTO public.checkpoint_tags VALUES (3, 't0', 12);
INSERT INTO public.checkpoint_tags VALUES (3, 'Ünï {a,b}', 12);
INSERT INTO public.checkpoint_tags VALUES (3, 'branch', 14);
INSERT INTO public.checkpoint_tags VALUES (7, 'a', 1);
INSERT INTO public.checkpoint_tags VALUES (7, 'a', 3);
INSERT INTO public.checkpoint_tags VALUES (7, 'b', 3);

INSERT INTO public.checkpoints VALUES (1, 1, '907898ff-d021-58f1-baee-43a8142ee0ea', '2026-11-26 00:54:12.806349+00', 1, 0, 'step 1', '{t1}', NULL, 0, 'application/json', 276, '\x69978fe14024364b033c359eaa496b3c47a3c09f602e16b79ce4b5495387b823', 1, NULL, 185, false, '\x5147438ce667a54441cb7576a02891cac7359253d6137a5f485d150f93ae3a58', '\xdef650dc0000850500f2092124a027e9ff3f58201efbab6272f3e72d45fedf9bda42a8d94404b02ba19568b2c84ba8e21acd40e33ba3c1d0b88482243b822643070b0a8c8626f64364b2c405d17a347e2e975003a550ef487940e253f1242db80c6992962ae8d71742af2086b8c7a978ba07408fd3dcc3775ceef1913a2f047a8c4f18e219f730e2c0b8c7e88962bc0810005c0db07494c60ca01c286d57850878649a630028e4037303564e3e6c865526206b35893dc21533', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 3, '821a521a-54c2-5cc6-a3a0-6624ce52ff8d', '2026-11-26 00:54:13.012401+00', 3, 2, 'step 3 – 検証 🧭 "quoted" \ ''x''', '{t0}', NULL, 0, 'application/json', 776, '\x6c15718b85aa1478da966c632d3745c560e2ccab7225d33727052883ee84570c', 3, 2, 108, false, '\xec2f74a811a1ecdabc70d8517cd0a464b529393830d6b997bbc99d2b905664c6', '\x7017d3898c04020000050300c83472656164f09fa7ad706c616e356c6f6f6b666f756e64227d1b003c6bc0ce80cb1bb04706a06c00de0e88ec606b1ad008404d44e6bfb0860c605cbfc194a301f219f096416c09d8cd80a50374ed002e06515b26a335008cfbdb1100ce0001', 1, false);
INSERT INTO public.checkpoints VALUES (1, 6, 'd6e9ca01-785e-5840-9161-8291411c4d52', '2026-11-26 00:54:13.032954+00', 6, 5, 'step 6 – 検証 🧭 "quoted" \ ''x''', '{t0}', NULL, 0, 'application/json', 1519, '\x65c2f66b5a02be26b614ee63ed8861eef27805aed230974c0e5baef623b5d41e', 3, 5, 104, false, '\xe3538409ceb5cb477975cfa7733bb782c1d3eaef7e5f2f7a9e5e7715ac8dc273', '\x80a40580f109020008e50200703130f09fa7ad31316c6f6f6b227d1d002e1bd0ba194e96816206500e3a48033938982231403e03263870af81aa17108c81e8c40bbc4d7084013b07089019521c18a00b8b37408b0cf06240d532e031a08c0cc03693be1908bfac20', 1, false);
INSERT INTO public.checkpoints VALUES (1, 7, '3ceb6a3c-c55c-57a7-bf43-2c8dbb2bd93a', '2026-11-26 00:54:13.039734+00', 7, 6, 'step 7', '{t1}', NULL, 0, 'application/json', 1776, '\x1ef9b89576f718e9007ff1a102e816e22be6b602d9600ec5ff3b040c62a39eac', 3, 6, 107, false, '\xd8d9e9cc57058dc2cefc36140d797f640d66963bb6d609f777ae5e1554111fb7', '\x72a435aded0b020008fd020058313233e6a49ce8a8bc227d20005415183dc8a301c01c900c8694013e033e5e207c012964780d9862c0c00c00e3003609be2521a80684c9903503e61a18210e3289063d02b8e80032a2803039b04d17d829438d03e45303d9c91105ce0001', 1, false);
INSERT INTO public.checkpoints VALUES (1, 9, 'b5b6ec9c-bd5e-5204-8984-1de5ace62b0f', '2026-11-26 00:54:13.051162+00', 9, 8, 'step 9 – 検証 🧭 "quoted" \ ''x''', '{t0}', NULL, 0, 'application/json', 2285, '\x871f56dd11c61c7283897a663353d05404c2c6fa340c53554cab13301d86b733', 3, 8, 105, false, '\x5fa66f0bb3a9bd5e8999019680fe292168d7d74bd8f8071d40c6476982a9827e', '\x2547e0bbe70f020010ed020050313637666f756e64227d1f005c211c75216500cc0016ca10e380c40f58d8014b106058063a0678cd0030ae608d98243f6024307c10095a64033812c04919dc6882d10620832135206e06e89807b89401225c305f18684e3ee20f2780', 1, false);
INSERT INTO public.checkpoints VALUES (1, 11, '3426a2a6-5c48-5fcd-8902-8dd913777c9d', '2026-11-26 00:54:13.061566+00', 11, 10, 'step 11', '{t2}', NULL, 0, 'application/json', 2784, '\xd57746b44dec80505057ce79367144377e8793b48da55d36dc62a380f141ad8d', 3, 10, 99, false, '\x7cdcf93a4af25b77b8d1126c30df4aeb5f6a4fbd5a08f2d173972b5260453718', '\xee1258b3e813020010bd0200683230636832317175657565227d1c000e65401f32301d1031197206747c4167c0f017da76401d03fed680d400370c000cfc27385e5600cd4a703530d808770828590396ca012b1ee02017340dc1e47216004181650501', 1, false);
INSERT INTO public.checkpoints VALUES (1, 12, '6d881c34-a5f2-5296-9f09-cacb49f4808e', '2026-11-26 00:54:13.066664+00', 12, 11, 'step 12 – 検証 🧭 "quoted" \ ''x''', '{milestone,t0,"Ünï {a,b}"}', NULL, 0, 'application/json', 3040, '\x13aea7f3f932bcba9e64329572e292aa85c2643e7b44f98f77c6268558738849', 3, 11, 101, false, '\x156dc516ed56ed19c3f64f418a4eef0023e5979e9fb49e07f7de1c9c295e908a', '\x32ab3d81de15020010cd020058323233e6a49ce8a8bc227d1e00151350b3066c2d50be194436f0c685bf9561e600cac11769a0b71c787d40050c601cc01a81783ee83102d1061d13f032035206f095818f75c0b3016371e0be3000221cd030001888bfac20', 1, false);
INSERT INTO public.checkpoints VALUES (1, 4, '87f7b50e-9409-500d-83fa-e76fe3122390', '2026-11-26 00:54:13.019518+00', 4, 3, 'step 4', '{kept,"first 🧭"}', '{milestone,t1,"Ünï {a,b}"}', 0, 'application/json', 1020, '\x1c6bd60610afe8fad3b93de922065816d2d3304cc516744b0691cd289bbc80a9', 3, 3, 99, false, '\x1bf60a14b1e2e32e98e76f32818d855cc954c802c8e128da15295172d372e92e', '\xbca8d44a8606020000bd020088366c6f6f6bf09fa7ad37666f756e64227d1b00290ef13be0b10b668b40322128c3052cb2c10902841d68ad01dc0800e3de0d93c360006aa0e6821e6578a7812eba104207e44c6835e85a08d2e611c4f7b723029c0102', 1, false);
INSERT INTO public.checkpoints VALUES (1, 5, '1b384f95-81ce-5f9d-8f1e-0e8f7e7f2db0', '2026-11-26 00:54:13.026356+00', 5, 4, 'step 5', '{}', '{t2}', 19, 'application/json', 1267, '\x629576892a17ed838073fbedfc0353c0b6a39d0135c90c6e879e3fb9c69744c2', 3, 4, 103, false, '\x161442d7566c951662b149b71f7ce4dbd8a29a28a3eb658ab50683bcb3321e31', '\x04a2ba5afa07020008dd0200b038e6a49ce8a8bc6c6f6f6b7573396272616e6368227d1b007ac500906240e6014a031018d90b979b816a03ea1828c385d7002a065cad01601cfcc2a1c2a0448687c9c06746c822c3a50179c2913581810a512e0507302ebf9820', 1, false);
INSERT INTO public.checkpoints VALUES (1, 2, '0097665a-f688-5b14-a0df-ad11ce9c6835', '2026-11-26 00:54:12.996385+00', 2, 1, 'step 2', '{t2}', NULL, 0, 'application/json', 526, '\x7808235b945e1b2c8d3e4bd855fcd53cc4c7bd2738b5511da31c715585454739', 3, 1, 106, false, '\x189ef2458dc258d1b12669ca230691e95880eceea023d3a3dbf076f6ad1162f8', '\xb13b4e939202020000f50200c0326d65726765206e61c3af763374657374666f756e64227d1c0028024f5d0003342f1095d06a006431d561608f0c021b50870c605cc07a21300e04b3c16600d0135f63c4c1061a76216e03a696018b0c6e0c90c20030dfde8e10700608', 1, true);
INSERT INTO public.checkpoints VALUES (1, 13, 'def87844-9772-59b6-aa75-16aff41183c6', '2026-11-26 00:54:13.412946+00', 20, 6, 'after the restore', '{}', NULL, 0, 'application/json', 1642, '\xcf95586bc8d330cd10e7d4d39ca2878fa8f6787e2eb8473f802f36aa59e41bd9', 1, NULL, 504, false, '\x7151c3ca02891a21b6dc21f44723ebcfa86cb48103f819d482c73e6cc5c8f089', '\x2138718b00087d0f00024c2a2b9029e913fbff2afc12b55352a5fe98442efa7baf20b4375b43486c2221a61d8869817fa0df8d429693fbe49142940ea5d4c1054586c40486418124224d08060402202a266d7eb3871c7b69b298b67196a6bbe0a6cc4112912666f4ab6053f89ef7d44a9487cf46b8c139e63d738e00dfe1e34c7b5ed4c54c8b8ec18f8f0fbeb3e8925e091f876905c02ba1a695dcbf985e79e63621095ef9dee87b87d24aaa06945ec9ce3828210180b9a8319782a420851ac3763042634ce23a112044111b9192619242616333a10c910cfc4dc117c8b056598ccab0c5859b3715f8d70737c1155ab5935030b8db641420435c184c2752e51a61734f957bd83b74fe4cfc1358f39ca7dece63ce45ba86cb26d77bfa1b477edec8107e650da1ff0a3bb52fd50657da43c2c42ff9b4b4b21be38cf3dba65bb394345046968b67d7ce6cee8e80075dc4d85d0fd6df50ed32bf562c0e4410eb6d9b1ca99398fc192f50eab78b2f5210bd39d6ce3fdfdfb8f20773dff1ff35e9d0fb2fe70d8efaed5a546a95b806a20ea3fdd552edf8a5c057acdccfd1ed3cec58c0f687aa1ebda99a2ff044fdb4bc51bf184813a2b7f76866471df710c0fa5d40fea582dbaeb767522bd8186f38fa96b20e12d9f87c8704dc78d8ac6882f047556524ae67cd40b2093a03e9699eaa62a5878baa21ff23bcab02', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 14, '5f678e9c-59ab-5a05-ac89-c11ff3ec5d5a', '2026-11-26 00:54:13.429756+00', 21, 9, 'a branch of 9', '{branch}', NULL, 0, 'application/json', 2406, '\x484784591a9e54b45c0d2ab209851c56b35eaa5126dece140aefce13b8d6be0b', 1, NULL, 667, false, '\x41651fd14c30eead274c5677c308415249d50a43a83b7240afba4efe5061eead', '\x2e76feb30010951400128d2d2d7069d301645c553d7eb87c0e6923abaa22c416ff96b208ed6ed526892c6143a813ec1bffff8f9a941592ff3fcc93c1a47f50aa75e9683016cd6fc562d65a03110f130d0e128ec6444255180b85c08352adcb3ff012034f5510157ca0c62d3c48b74d6122a12ae9ece16ab7cd11f3e632e93b820c99f05e4bf8069da0f90db9e3228edba4e3e243c8c7c7853cd46ca3c9b4216fcd252099f66a2e0acf5193e9db831a2948a6fc67992f692eba00244da6edce9334128116a8319782a420851ac37651848c62dc5d0f1120448f9a911aa920490a1b9b01b505e1664a46aba15b9d6381f725e278944d070e3c85e009f3e2fcb901a5f2634d30513fb53c06a48b984df1189800793040912576b3a81b06d64b4d663c85d330f826fdcf02c2937cfcc5f0e439cc31a538d2226d0b357946d34648e4ae8c37f9f13f99bcf9d8839634a4149a07365fcf22a8391b045e42d879d26a4e4e004db2e97a620e824dfaa7130d4c75dbd4b487f3ddc3314073e32be5b44074eb899847f66d15f6ac26de7f19f489ae61b59d1ca5a2dd54b60113f2c5f49cfc7591099fbd55e231addfd9b3e34f544d737f5a6d374afca5f1bd6c9afa457ee0f8ce7b71e2afc010f73f60758d4b62c191f6a3d0f1777f2aaef44638724e9b306e569204d0cb6231b24b7a3ef743a083d69176ed517504aa5bd2d70ac49908634f7b2c4af59dc96f460caafa36e6538a44f81c2567ceeda7dcf343797ff8fda23ae3faa5bcc1a8bd9d45428d53dc90d001dab9a2291d7f0f34c5e11d38a83d099716c73682a98a2ea8c4afe63cfdb5ece89f1ea7957c7d3db099ad067710b0ba5b3efefb82be3db78753a280e3be6334b398459028f6941f2400c757cdaaa68a7b545546e2782819e82ee933709ee6872a5ef4015035fc1fd9d92a', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 15, '1b447bc6-7cfc-84a4-b30a-f77298179edc', '2026-11-26 00:54:13.437696+00', 22, 14, 'by key', '{}', NULL, 0, 'application/json', 24, '\x1b8b99d056349f43a8f5c5224cac804cd5b96a1d918e6d6a258c203bb8aee42b', 0, NULL, 24, false, '\x0a1e34b1dbc0f06f2d85d29da68c0fd7425e631293afa31a88ac5b0651e001a0', '\x7b226e223a20312e352c202274657874223a2022c3bc227d', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 10, '79b58f03-3340-5a9a-af09-02b0d2952832', '2026-11-26 00:54:13.056222+00', 10, 9, 'step 10', '{t1}', NULL, 19, 'application/json', 2538, '\x03a168fe385ab76352130b7833e942e39f38ce631bf466bb2500497fdebd94a4', 3, 9, 102, false, '\x2b58e51b02a0e4f6f23d867466940260f947d41f12982a2eea1a12daf668e242', '\x2fa74183eb11020010d50200603139f09fa7ad706c616e227d1d003b2583cd64701998d840c62e38cc009902281e905d1698f000654526605c011951320ed0ca020087c91d585917e2ca80d41d80b506a0c985b81100ad035483a911e09ecc9d7a7904837b40', 1, true);
INSERT INTO public.checkpoints VALUES (3, 15, '1b447bc6-7cfc-84a4-b30a-f77298179edc', '2026-11-26 00:54:13.437696+00', 13, 14, 'by key', '{}', NULL, 0, 'application/json', 24, '\x1b8b99d056349f43a8f5c5224cac804cd5b96a1d918e6d6a258c203bb8aee42b', 0, NULL, 24, false, '\x869b9b5bc9ac623473664d2a531bcc28f2ad8adee7b62e005b869b85417d1f91', '\x7b226e223a20312e352c202274657874223a2022c3bc227d', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 16, 'c18308e2-f9f3-587a-a2aa-88cc4eef0bf7', '2026-11-26 00:54:21.234363+00', 24, 15, 'second life 14', '{}', NULL, 0, 'application/json', 3542, '\x96848f52ee34c2b6979384c071115ba390b5747d78b78a389a8c6d239c2d3bd0', 1, NULL, 900, false, '\x1f7641120ee2d08c68819fd3146c7e01d786b3432eab37160eade68cd6c91cdb', '\xe8ed90090010dd1b00f20d302c80b7e93b4c8c289547bfe098828ed18929437f4bd988bd844e4d30892098e43250bf751bf9fbad039233c040d7c0a5774cb27d8d631cc745e15c7309d76034cca2f9bd34d75a6b383040282c3c301a49048b60168bc231c9f6e523f8cac16359430623e9790b09f22d752089601109ed61ebb7cd13f3a672e97b820969605954c253d2039adf8f436fe2b84f422f5a05f9f88890979e7d341dedc75b5349a4a3bd9a8ac273d474f494051522908ef2a3657ea5a96803a8341da50e5995420281a2a8319782a420851ac37651848c625cdd39124010425184084483419a14d4a8d1180591556b3303e8b1c70181647f53575a27abd4dbca40397eea037444d21b152397340d9789a1edd09a4b06b233741807520c5f181c00cf88190feb3655cdd3b104a78fea8d929784e753f638918e8871f405ef943eec30f64d3ccb800ab11eaa3215c2dc755c45f1a5ce3c794854cf9e95e383d2d7f8f15b7da8d1ac3db21b6bcd7931b4beece10ebbf0564c6f50a74e79750045800a3d30101164eab13a43ac4dcdfd53ee7ecad97d2fc2dfb38ba0aec148e0a5a9bf9fe596f9e0148d17a0bf862d88221bb8bfbd191dfb1717e3a8f7024b9a21004962a0cb23585fad4d17e7a43c9a86d52a8205bc29a180a24d023a081495273fefe7cd01b08ac59ec0575f70718ca72bbe96190db000a0e05b112618b3083723eba5c6268fddb42f4025a5c88284876b7c2d03247780315d01e5476aeb6d3cf7665278c82719a4aee4ef923941c3472f23d8297e73b0ab5e3761178320c8268a4e9136f3730758d2c8d985d1131669384e3110dbdb468b3d8a6f1596219025be29fd02fab7cc2c06e4bb55a16669d9fcb183e7d065adde13a14cb4bbcb1b3041e8989993a74e32216eef9538e8753b7b66dc89d56c0e53d08623cf4baab4cbc6580fc13f8ef11c932c6ca58490ff109b9a2e3f073bb72bc40c9ff25b59651ae88873d89351b3931c485316897957eec8de9d800ac0a7edb807ea1ba8c2d288ac303b1761ec6e7144a66e3139664ca0176c3bfe4b4fd4495a72f6fcfb87ab7d64f7253f5eabd3d75e821b866aed4644d425cd86ae8ea1ed2bb58ee35381ab58ba2747b5d361d09a6c0da0aa6849757dead7d8174b10f27d66e2c9d3d7439949b5b88b40eb11b2e44f45f0597b7b4a7a8533febea3cb9aec406a3642de2301105e9b359a28ae51550989e35066a0f3f4cf80fa344f53f1a68f8aaa51ff91055b05', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 17, 'e69548c1-ebea-57b3-8aa8-a8384ba239c6', '2026-11-26 00:54:21.376097+00', 25, 16, 'second life 15', '{}', NULL, 0, 'application/json', 3800, '\x410973be73bc369cb743328bf8c90be3325705594e73474b80b065b7a4e08ff6', 3, 16, 104, false, '\x6369e45e9a5dc83933c7511a6b560ff0f4cc44dde739391f75b622a68be38a94', '\x012876b4d41b020010e50200483839696e646578227d1f00106402f0c400fb04c2cf85d14bc0696061842f728319011b2f24de807771018c0b5849f0111214080c10c40042f9c24f01cd1be073800382e036175203c07640d3ca905606b670018cdb9b1c00ce0001', 16, false);
INSERT INTO public.checkpoints VALUES (2, 7, '9a56ee8b-bb9f-57e2-9d43-935d99130691', '2026-11-26 00:54:13.621527+00', 7, 6, 'binary 7', '{}', NULL, 0, 'application/octet-stream', 2620, '\xe95990d122b780fce960d2f85b3f553e99ed65f7132055d51d7fd8234b698cda', 3, 6, 48, false, '\xf096d396ee0a84361c6147de08e364f7068fabc7488bb043c66b1aa1cd583471', '\x570a037bbc05000018250100e0f1d5d21a030a85152705fc435c949c458573220af6f9e8e73f606cc7010061bffd672e', 1, false);
INSERT INTO public.checkpoints VALUES (2, 8, '7838b6b6-6ed1-5354-8cf6-fe46921fcfb5', '2026-11-26 00:54:13.624648+00', 8, 7, 'binary 8', '{}', NULL, 0, 'application/octet-stream', 2640, '\xb92bfb04133e1965e4445abd922a3f0c4458422408b6ff763b943c61297420fb', 3, 7, 48, false, '\xea8e2969bb8d434dcd3cded399f3a0027e1f301a1ff7b9bc4cabbe61079dad56', '\x4f6b9c88a006000018250100e0e9267a2e91f43b4562927ac19b8d2a2153ecdcd182d9186c7b967ed90100117ffc672e', 1, false);
INSERT INTO public.checkpoints VALUES (2, 9, '2f5d95ad-409e-5397-9b08-3b0c1de45636', '2026-11-26 00:54:13.628823+00', 9, 8, 'binary 9', '{}', NULL, 0, 'application/octet-stream', 2660, '\xbbb9d9954a0ab4a393127c102a0b9131c77e1809b6476b9a240053c6932751d9', 3, 8, 48, false, '\xfbd5972c95a1ea3dfda7c4a0f02337371426ba372a5de94325114e6688c4e05f', '\x3ca498bd8407000018250100e0696a52e9b69b0cad379ba8d182282df2543334426a32ec675efa3c260100c13efb672e', 1, false);
INSERT INTO public.checkpoints VALUES (2, 10, '2da75d77-20fc-51d5-88dd-e59eb320904c', '2026-11-26 00:54:13.63267+00', 10, 9, 'binary 10', '{}', NULL, 0, 'application/octet-stream', 2680, '\xc9b18857603d3362085e9f9f92245ee830d53317c65cc6260add5e3907af2d96', 3, 9, 48, false, '\x2f543af57640e26395f970a2859fae89cf76b89899b783855736995ad610f18f', '\x3390c109e807000018250100e06b8b5e89e3d24eeb28cbc8834c8212921de59e7ece8e4eb37773b953010071fef9672e', 1, false);
INSERT INTO public.checkpoints VALUES (2, 11, '0c1f9863-5e60-882d-a588-9b244a339f54', '2026-11-26 00:54:13.654105+00', 11, 10, 'first of two', '{batch}', NULL, 0, 'application/json', 12, '\xa8d76960c1b8a1786637dbf111710a6a0e342e3633543f066045169d3e137b75', 0, NULL, 12, false, '\x72e7dfb5d38c35f52858201bfe39495edaba96705272bf3f7ae79483d8f7787c', '\x7b2273746570223a2031317d', NULL, false);
INSERT INTO public.checkpoints VALUES (2, 12, '0bd481aa-ca58-880b-8b77-9383934faecf', '2026-11-26 00:54:13.654105+00', 12, 11, 'second of two', '{}', NULL, 0, 'application/json', 18, '\x438aa2b969e4078408de135a8ae1966b599e3cb53ba3ba7487a75fc9fddf35d4', 0, NULL, 18, false, '\x56206a73423160c6ef283078c2f75d88f5d74eb94e8569d81faacd9429196226', '\x5b31322c20227a775c75303066366c66225d', NULL, false);
INSERT INTO public.checkpoints VALUES (2, 3, '60e76b1b-8ff5-5518-ba17-36a06ec0445e', '2026-11-26 00:54:13.607621+00', 3, 2, 'binary 3', '{keep}', NULL, 0, 'application/octet-stream', 2540, '\x205d0ba71825d9370926776b4814d1e93f6df19d0c1c99dffda47e9f9806ec27', 3, 2, 48, true, '\x36f685e4044c4a006aa63263f300f16af91b38fc2d1170febf60726c4b872a15', '\xdd624059ac02000018250100e096521c32751b4b5b52e48a511e079a1781e0deb86d10af5d55d5fc040100a178850fb9', 1, false);
INSERT INTO public.checkpoints VALUES (2, 2, '659ec4eb-43d1-59f0-bfc8-d45cfe2a12c7', '2026-11-26 00:54:13.602241+00', 2, 1, 'binary 2', '{}', NULL, 0, 'application/octet-stream', 2520, '\x460851870988b2faaeb8ac66510dd051a64560939fb4e47c3800724d715a038d', 3, 1, 48, false, '\x09f94a05e5b4a4db14c25f8edbeba07d4b9b607e7a222252277156c0fd8b2a72', '\x9394cdb6c801000018250100e0c19ed1b4a436786ee48a7bfe7bb1fe8367136067cd50d05676c6d86b0100f1f8870fb9', 1, true);
INSERT INTO public.checkpoints VALUES (2, 4, 'a3f3be99-cf37-5128-be07-a2146c22ecdd', '2026-11-26 00:54:13.611766+00', 4, 3, 'binary 4', '{}', NULL, 0, 'application/octet-stream', 2560, '\x73505118e2668a054397d9f2e964dfac2cba389cfa75d563831fe8b225c70fd6', 3, 3, 48, false, '\x448ee115f41ea5b29951f387ae333b62a737769c41199649536068f72439b5cc', '\x4fc4e9b69003000018250100e024d68556b93cd68d89726b75a1dcc17085ba01b44705a104ba676462010051f8820fb9', 1, true);
INSERT INTO public.checkpoints VALUES (2, 5, 'aed86f4e-19cd-562c-841b-6651f187adf3', '2026-11-26 00:54:13.615333+00', 5, 4, 'binary 5', '{}', NULL, 0, 'application/octet-stream', 2580, '\x6b12a662d104a54ed4b4cdec7ead09dc0938faa72ddc95241901d3c4f6db39b1', 3, 4, 48, false, '\x7af07e91f0a1d3917808fdc15be1e17143ab5a504d90d870892d52609ae503c7', '\x589fb48ef403000018250100e0a50bdd548c8b768450afb99f61e1a24bf59e2383ed54f5f5975c751001000178800fb9', 1, true);
INSERT INTO public.checkpoints VALUES (2, 6, '1007204b-b97b-5bd5-a445-68e194ebfbf7', '2026-11-26 00:54:13.618421+00', 6, 5, 'binary 6', '{}', NULL, 0, 'application/octet-stream', 2600, '\x6e93bd87f9cef1ab40dc5a047aab8f662c9d9717e48c579ac1df1440a5416762', 3, 5, 48, false, '\xdddd0129a00c4bfb18cdf562501cf59297df462db334fa5723c75e34359e4eea', '\x7ad0e03cd804000018250100e00cbce31c596a2efca1f825eb5029d2c95981823afb10c1f8133e5be00100b1fffe672e', 1, true);
INSERT INTO public.checkpoints VALUES (1, 18, 'd122d688-4492-52b7-91bf-42a641d910af', '2026-11-26 00:54:21.392345+00', 26, 17, 'second life 16', '{}', NULL, 0, 'application/json', 4054, '\xffd6a399c6d0e5bce3ce2d0ad9e1677e547c806fcac234aa3e0cb7697a7e75c6', 3, 17, 105, false, '\x7bd6093550844b122ddebe058ff945b1f022dd0ada460c22f78c3afece26ba0f', '\x9564cff8d61d020010ed0200783330333174657374206c6f6f6b227d1e00291ca81ac02a20b702600ce05a0671c3e165c02e9150550310e3df78615724182c8479a2415018681222a901e109082732d40c18fc00890d985b032e17aa8801e1f20560e0c11e61e00c10', 16, false);
INSERT INTO public.checkpoints VALUES (7, 1, '11111111-1111-4111-8111-111111111111', '2025-11-02 09:00:05.123456+00', 1, 0, 'start', '{a}', NULL, 0, 'application/json', 437, '\x612f291b0f833b7f5683197c6449730042c66f1440b24ae0fae330ff3cb08445', 1, NULL, 265, false, '\x1a2b6baa81e5a422f1d1653940460bc8564aaa2f0aeed359e10638a91bc48396', '\x7e77e4a80000050800928f342e8039e9f3918998f0e1c134c635b32309f21ebb6b16176d93243705f218d2f9685d82a4b7d9bd85580fb9418b130297ffff193a2111717188078bf34451e1a0be2977840aeb577fc29bce86185b7fd6d85dea4d27e449ece8c966ca4507f44d090c040af4b7bce9946e8226c82d5dcfa6214b5c33c9d9e89bca274112f826323a3c010e843d1c4b355885e27a32e535d4f0c5ca2462860861b7edb6670fd6324a316cedd2376d0749dcd23580ae62156d644990088471987b98c7113d18b7cc98c52227a2161c7d53e94130be3979ea199610007de0f0526e4c631cc5073009555bcd6a42ada200f4cf59a49d72ae0887b795c21295bf0a8281191802', NULL, false);
INSERT INTO public.checkpoints VALUES (7, 2, '22222222-2222-4222-8222-222222222222', '2025-11-02 09:05:00+00', 2, 1, 'edited', '{}', NULL, 15, 'application/json', 428, '\x60df93fac95120ab3f9e8d09a8a7852a0e0176d8e49d43bb1ff54022445c31b4', 3, 1, 29, false, '\x85243e4d146b0494cfcf17da98da7f44b937a6201566721d9067fb9d437ae58d', '\xa64561709e01dd01000085000038356564697465640200106b8314b2ae', 1, false);
INSERT INTO public.checkpoints VALUES (7, 3, '82c23f15-71d3-8c87-8376-6b4655bb29e8', '2025-11-02 09:05:00+00', 3, 2, 'again', '{a,b}', NULL, 1, 'application/json', 432, '\xcd059bb431550bde5610a14d9fc9d11790f72eb7d7b25e794c46bcb7299027e4', 3, 2, 37, false, '\x063c5551962d030a6e8163b617cd63ce5f13ad4a7c6d15ffe156f9cc638343eb', '\x858cb2bb9e01dd010000c5000070343a30302b30303a30616761696e0200166b03be631d01', 1, false);
INSERT INTO public.checkpoints VALUES (7, 4, '2138087b-e97e-8ae4-b62c-13d5cbc258e4', '2025-11-02 09:06:00+00', 4, 3, 'checkpoint 2', '{}', NULL, 17, 'application/json', 428, '\xad61d6017e2e67716174bd2487a4264251ed6af987410624baba65b4cee02994', 3, 3, 28, false, '\x844c3688e458656b8afe9a4eeec33d1f1153dbb3d784df54ae6dd164b3c331ca', '\x8875b8279a01dd0100007d00003831313a303632780200004446bbb4', 1, false);
INSERT INTO public.checkpoints VALUES (3, 17, 'e69548c1-ebea-57b3-8aa8-a8384ba239c6', '2026-11-26 00:54:21.376097+00', 27, 16, 'second life 15', '{}', NULL, 0, 'application/json', 3800, '\x410973be73bc369cb743328bf8c90be3325705594e73474b80b065b7a4e08ff6', 3, 16, 104, false, '\xf7a1d1117e1c014b3de9b08652f421b877e0ca2f1e14808152f5204ec3122eb6', '\x012876b4d41b020010e50200483839696e646578227d1f00106402f0c400fb04c2cf85d14bc0696061842f728319011b2f24de807771018c0b5849f0111214080c10c40042f9c24f01cd1be073800382e036175203c07640d3ca905606b670018cdb9b1c00ce0001', 16, false);
INSERT INTO public.checkpoints VALUES (3, 18, 'd122d688-4492-52b7-91bf-42a641d910af', '2026-11-26 00:54:21.392345+00', 28, 17, 'second life 16', '{}', NULL, 0, 'application/json', 4054, '\xffd6a399c6d0e5bce3ce2d0ad9e1677e547c806fcac234aa3e0cb7697a7e75c6', 3, 17, 105, false, '\x293f2c1d6351e2eaf433b2503124b72f4746d2276667575ff6b8387943333da4', '\x9564cff8d61d020010ed0200783330333174657374206c6f6f6b227d1e00291ca81ac02a20b702600ce05a0671c3e165c02e9150550310e3df78615724182c8479a2415018681222a901e109082732d40c18fc00890d985b032e17aa8801e1f20560e0c11e61e00c10', 16, false);
INSERT INTO public.checkpoints VALUES (2, 1, '8b78c0a0-eee3-5a10-8032-0f41ded30b75', '2026-11-26 00:54:13.592736+00', 1, 0, 'binary 1', '{}', NULL, 0, 'application/octet-stream', 2500, '\xe417abc37760cf6495b2a4696e5e92a6751ff279e03d888fcf37ae862e96ba7b', 0, NULL, 2500, false, '\xe4fb64c1554ac11666fb65027ea3b04bebf64e872d3e0258ed30a1ea138c814e', '\x38b4e652e44da7f2370d9e260e27136550a4a3a6d07f5c0c332f8b1224083fd22b902f8911e81818f8c99d5d5d9831957504d90e945de2e8f54ee781cc75f636d85099095aa300165a67036f9b540d6b8f0be21124179c3dd9f73817ce6e118d264aad6cb6dd210faf94acd3cf92c190237cb11f5d108cf25930263938b370a1b5769fa0f1483f95a90d9df2f130d60fcf04bd93f50ae69514da8c659ce2b10cccdaebf990d19838b0d7ec0b3e97818ecb96c4dbadbe172296d5234a42b24c6ba4e6ed24ec636a8ac0a1271e5866279238aaf84e58056d8f2fa8edd094ba97ae8b15442ee2db611a91bfe39469733a9247d58fa3c55018300372555fd235f11829fb388c22e44cb637f01210c3707a90b405420fb169779edfb5b9342405157f54b12eae62d11e887eb0766d1877f8c6eff26b5010af3177d161e79587a766ec30e4037458a9905cad87bd4c77e2983f27745ccb9a31052e944cf1b220eaa2c7fb1b7d3e3f73f414af6e0d935520dd4c2147738606f2bf7ec70209e0cd05ee5720edbcba3acce672084ab649fcbce49b38bdecface4abd12108f391ebc070e83e8180a6bd4f43a2afffcd3c12ef890575575e826e2cbeaee82af2c7d696cf46b977c090af4e146f6d03110ab86efde139eeabac37a0dde8ef2d3b1925e1302ca57501fe0ca9a7fd1ccc15150424212578fe0feb17b4aa559cd9f28984b14267f1b037494dd1c01cc6adfc974d1729a11fe2008d737e8f517d69ed6f181bd1a4529825e79455971b21ae105aab2d6a3100b08880f0f422dbb36fb94b3cb6d424f813caaa5b348f4930b893bfe338f65aea5a969d270831572af40db4852eb74b74f3ac362881215e31ed32cab3d56d55807afc6053558cef092a9317629b2ff5ae637052b3839659c78fdf91d0aaa627e00a3170ffb76dc37c1eaaac499239549cf701c21e66105bd83af633f509fdc659c471564d277b4eab08215df3c101b7fe7f9a0141afb962a02f2fd727628d2661118a88c1f772047597125e27e970d23d952bcd1b0aa366e09162edd5f30db8c4d9a46473a6ad6b44ddf506a4a1b89fc406dd85b24f0c6ae05765ae2c99964615ddf2df5ff87123bbdc0a2262a7c3e15f09a1c2dbd7dbb267686613b898c94a8eae9bb3b9e9016037f84267c2e8cc2d45fccd096cf05ae2ec55c4343bc9c2c4859470c014e0c4b25ef13406b01f4da88ed66875ef7aa1c9c11bdfb90f5889051c039fef3263620202d31c4b0b2a8f4db163ff7837ae041f3f48e1a9ec2e1aba7db721bad818862bd657ad20d5d9ae6748fcb47e63483f8de9114acc7b6d0aef39318e0df7f2b3aaea36941ccc86e2c8fa3f1726423e4e765047a2366ad0ce5642c68811a5c14457b0bcd60a2866883662879ef0f7dc9cb307db13d110d2d13fc0a81713531eccc70a5b38c29f942241c95c10d570943c9995d98750da08c351ac8490f0016bb18917f4cb926b3d75f899c91f919454eeef22f8a155da0e21d9dfa3987069d330012373fd4df1c633c351ca0339d4a9150609d67072687aa68a2def693407c8d99f47185ee580ff82e9aa8d0395d92fd6179ab96721fc3ce871d26ee53d92407f27cdafa3bfea39b52fad7154b77682cfb7a8b96dc7bbe8dd54f9e89fc155ae2e424b3f7281a55a1eabf7efbb65765a887bd9a1bc743a2f7867abbdd2fd4f6a12ab16e0a5429c27f2e84f399e90576f8883453ca73f30da5b7f378e03b8735cf9b5c6bbe8725e544a8b00b590d8b437505eaad41ec062aa815c2252e3287069b4f4cab0e7ffaa23696a492de02dda2774c17c7f339b2f6406fd80872d84218a8b5849709e05dd4a183e84644c32a6fe70e5b16b99dc527f20839a4f957888c24a48a202470c78bc0b080c2ec6454bddbeda2424219395286fc9c6033bfcfb188d4c90b1d24fc026b21c28ae145da0717f531922a5bcea582483d97447ed136409366675168bdfdc6a6cd65990b3a31d32d33b8f883846af3267e8e25065bf51323bb363e6b0726a956fd5ce2260786eb44ca3bf987478db9e4785240594204b79231241e49b12964ea9a082cdef477cb225849837d721f2afece079fe0efe5e91eb9ec0ff0fccf1e7a59ddeb7af44ad079f905c7585d9b259e140038703889f8261a7c91123a76295778dd555b32adf6755613d05134b52a8f7ba1d0c29f244739fc759b7ae6cd233a9c6bc826d734107d0039c5be7a4347c1e8b99129a70ed61058d973b5ccff5ea4a4eb0ab4154d8babd539241ca90901b21e8927e7e807147763700045c8716724b6923409c0a1980633915a607abe3996e37f99b32dadb6156f9fc704ca458ec6a2f9d81f55033d3516e1c502cd5ae437f23188bef87a81c9b8feab55656fb091764e49c166e65c4cbeed4961f28f44bd15c2678cb951caaa281f5c852b8f9c3cfe3496852009710d07fccfb12686793f970963a4e79e6e2177f4e976ce9b52e6a7f9ad6b25ef11909cd63096d3fbf38a989654f5faad746f7919bc42a8eadefdef924eb4596fe0e9271efc748c5f715c8c7e288821b2407a05c16ca5032ba9a2cc2b428cf85c63f3b9451451a6f9444f1af903ce8615fcdebf0b0902ef88efa52389220e6fb3808efc798b2adff4c4de3115e97ed30d5cb8dffcde0636d2982a070a3f78408dbc7836d1dcff4ad6254c804cfd933da08480c30dbf20960209745331bb6542eeb35a8b0668446bb4cd8dd57b0b8e214470970fbde0f6e81a886bbdf096915afaedcfe5cd094a7551f397a95e58569517eca6d048fe7fe734704a845b4bae6b016dbfd3d2c4efea4cabcfe0b5106c807db3792156ae2588dbbfde26198704869935b3828dd7c904173070dfac06ac70921bc9c69d28e02eb73cca9b11b80101557daac6466f96cca77459261fea1e2c70353d2436d53679376b7d9e2e44a6b95d61ce1edf2f758eca31cf0fe5907353b044adae5480b284b7aedd874170318ed144847bb214c6c82b0ec8c699fc291bca371be25f916f8f94ec8b0ef9529d3f5870f9309009e446e18bcd0a5ae7b2c591d50519528bf9812ccdc173407fcd8fc235220707e98ec2b9f9dde4eed098e9b5f038100aba7871436a5b5398a0ce9c39232ef906ee6b81c0d62b9bbf031d83a3160c33add156b1b4a1f54603efcc738f851682e86485881549afce8396607a9e06fc81ce3706f1de5e663f7bf1ffb25b11f18514a164e05c0140e02dbf32f11ee984edeba3744205963bece34b3c8f62968be4d2f279f17fd7dc33d1390ad7bd359172143e1b23e0b9a86ad09d221fe4fd7164b3a62e71540de45085619212fbd7d0ab79809a3d879aa76ded0ab812aed67236cd8662abacfe824dee07b0c86552521f3e86a3e5f20de5c659d08927856083f0eea153b7c4a9b9a42f9206a92330be5d84459a24d0accb40225501e21e1e2323df03b1f71f89bd7765e83638a08e26bf824fd7f3f49a18188629f46504f68ae25a1fbd7ca5f1ac293b3768fdf319f7aa15181bd56b334539f0d65529', NULL, true);
INSERT INTO public.checkpoints VALUES (3, 1, '907898ff-d021-58f1-baee-43a8142ee0ea', '2026-11-26 00:54:12.806349+00', 1, 0, 'step 1', '{t1}', NULL, 0, 'application/json', 276, '\x69978fe14024364b033c359eaa496b3c47a3c09f602e16b79ce4b5495387b823', 1, NULL, 185, false, '\xe49db5fe3454874f1078a0af3c7e109345e87e31b2249f872afad4f943f15228', '\xdef650dc0000850500f2092124a027e9ff3f58201efbab6272f3e72d45fedf9bda42a8d94404b02ba19568b2c84ba8e21acd40e33ba3c1d0b88482243b822643070b0a8c8626f64364b2c405d17a347e2e975003a550ef487940e253f1242db80c6992962ae8d71742af2086b8c7a978ba07408fd3dcc3775ceef1913a2f047a8c4f18e219f730e2c0b8c7e88962bc0810005c0db07494c60ca01c286d57850878649a630028e4037303564e3e6c865526206b35893dc21533', NULL, false);
INSERT INTO public.checkpoints VALUES (3, 3, '821a521a-54c2-5cc6-a3a0-6624ce52ff8d', '2026-11-26 00:54:13.012401+00', 2, 2, 'step 3 – 検証 🧭 "quoted" \ ''x''', '{t0}', NULL, 0, 'application/json', 776, '\x6c15718b85aa1478da966c632d3745c560e2ccab7225d33727052883ee84570c', 1, NULL, 309, false, '\x637efca0c946f2f1b354955b947de4b6a9ffb8469a9e7d7baffbe8daf96ba865', '\xe18d310b0000650900328b25279029e9ffffabf3c47047663a79b8e8efbd82d0de6c0d21a4a525c6369d819e077aa8cdc9d8891c0e82e3b41e5314100c34443cb87a25df08e41b8fc493ca922ccc842e540b100f8d89267c226ea16b4c6bd8c3f11d930e55604c35af961bb876b7785a4c7b9834adc714fdfb63e897041317d92deedc23a0c80eddc3f9f65ce42b96661c14b95dc1d6deb8871180c645564fac31234ba8115b1a2968a1c6b01d404263d0b5071114498c444a63d2d2663ae4f2a2bda128d38e45451d9068d8ea08ad5d958ff3ff035c71ba2387d8dfe17a4ddb36a222faa4925e58ecfdb3e4d0de3d689a44ed1e4233a0663b0aa05a2ee27f8a8035cf7964ca8532e20d44c77a6c820c9f94bfaf00ce31779da64553355559b89ed901695314032fd3bc51f8382ff46a9effc8c9ab', NULL, false);
INSERT INTO public.checkpoints VALUES (3, 4, '87f7b50e-9409-500d-83fa-e76fe3122390', '2026-11-26 00:54:13.019518+00', 3, 3, 'step 4', '{kept,"first 🧭"}', '{milestone,t1,"Ünï {a,b}"}', 0, 'application/json', 1020, '\x1c6bd60610afe8fad3b93de922065816d2d3304cc516744b0691cd289bbc80a9', 3, 3, 99, false, '\x445ad510f1c2e526ead2113184c52589a88693014b3fb318a130426c985cee16', '\xc8bce6c68606020000bd020088366c6f6f6bf09fa7ad37666f756e64227d1b00290ef13be0b10b668b40322128c3052cb2c10902841d68ad01dc0800e3de0d93c360006aa0e6821e6578a7812eba104207e44c6835e85a08d2e611c4f7b723029c0102', 3, false);
INSERT INTO public.checkpoints VALUES (3, 5, '1b384f95-81ce-5f9d-8f1e-0e8f7e7f2db0', '2026-11-26 00:54:13.026356+00', 4, 4, 'step 5', '{}', '{t2}', 19, 'application/json', 1267, '\x629576892a17ed838073fbedfc0353c0b6a39d0135c90c6e879e3fb9c69744c2', 3, 4, 103, false, '\xa58fa266d63a9b840b57ad29804451f4a8e2c90ec57249fc3be77e8ebd7eb0ab', '\x1905b6acfa07020008dd0200b038e6a49ce8a8bc6c6f6f6b7573396272616e6368227d1b007ac500906240e6014a031018d90b979b816a03ea1828c385d7002a065cad01601cfcc2a1c2a0448687c9c06746c822c3a50179c2913581810a512e0507302ebf9820', 3, false);
INSERT INTO public.checkpoints VALUES (3, 6, 'd6e9ca01-785e-5840-9161-8291411c4d52', '2026-11-26 00:54:13.032954+00', 5, 5, 'step 6 – 検証 🧭 "quoted" \ ''x''', '{t0}', NULL, 0, 'application/json', 1519, '\x65c2f66b5a02be26b614ee63ed8861eef27805aed230974c0e5baef623b5d41e', 3, 5, 104, false, '\x4bf7fbaae30f6d06dcc8f0ffffc4176d61a51f5000917ca2973a4a7264a94f4b', '\xfec4f5e3f109020008e50200703130f09fa7ad31316c6f6f6b227d1d002e1bd0ba194e96816206500e3a48033938982231403e03263870af81aa17108c81e8c40bbc4d7084013b07089019521c18a00b8b37408b0cf06240d532e031a08c0cc03693be1908bfac20', 3, false);
INSERT INTO public.checkpoints VALUES (3, 7, '3ceb6a3c-c55c-57a7-bf43-2c8dbb2bd93a', '2026-11-26 00:54:13.039734+00', 6, 6, 'step 7', '{t1}', NULL, 0, 'application/json', 1776, '\x1ef9b89576f718e9007ff1a102e816e22be6b602d9600ec5ff3b040c62a39eac', 3, 6, 107, false, '\xd574bfd80f7c352b27ef9269069858d690a13074448e1555f3ae889a65c156ce', '\xf0781a2bed0b020008fd020058313233e6a49ce8a8bc227d20005415183dc8a301c01c900c8694013e033e5e207c012964780d9862c0c00c00e3003609be2521a80684c9903503e61a18210e3289063d02b8e80032a2803039b04d17d829438d03e45303d9c91105ce0001', 3, false);
INSERT INTO public.checkpoints VALUES (3, 8, '8b7e07f4-0c79-5b6f-8df4-62667b59abb9', '2026-11-26 00:54:13.045604+00', 7, 7, 'step 8', '{milestone,t2,"Ünï {a,b}"}', NULL, 0, 'application/json', 2025, '\xe4ec3f928b76bcf59354c4cc13978b1ba5dcc15bd08c30da027722492501fdd8', 3, 7, 94, false, '\x8d5d80f60602175d997d286a3157f4dfb39ed6695673e208d302cfcb6dfc5403', '\xdaeb31cfee0d02000895020068317465737435696e646578227d1a004107cc6c82c23448c1a04e06b461801487b40dace1427529607d1d00e306ac9152386c3520f3024079c1a5c14e0486d2806f5d3018872c0c804ee6aebd1c61c82d20', 3, false);
INSERT INTO public.checkpoints VALUES (3, 9, 'b5b6ec9c-bd5e-5204-8984-1de5ace62b0f', '2026-11-26 00:54:13.051162+00', 8, 8, 'step 9 – 検証 🧭 "quoted" \ ''x''', '{t0}', NULL, 0, 'application/json', 2285, '\x871f56dd11c61c7283897a663353d05404c2c6fa340c53554cab13301d86b733', 3, 8, 105, false, '\x39a7f5e275846e061e45673ef554388632566b521554338147689f1aec45a521', '\x7eeb3e0ce70f020010ed020050313637666f756e64227d1f005c211c75216500cc0016ca10e380c40f58d8014b106058063a0678cd0030ae608d98243f6024307c10095a64033812c04919dc6882d10620832135206e06e89807b89401225c305f18684e3ee20f2780', 3, false);
INSERT INTO public.checkpoints VALUES (3, 11, '3426a2a6-5c48-5fcd-8902-8dd913777c9d', '2026-11-26 00:54:13.061566+00', 9, 10, 'step 11', '{t2}', NULL, 0, 'application/json', 2784, '\xd57746b44dec80505057ce79367144377e8793b48da55d36dc62a380f141ad8d', 1, NULL, 744, false, '\xb66bbf7ac1c420ff7b539b62251681853c0f2f0640d14f9445beaf75331a888e', '\xe3aa0ebd0010fd1600424d2e2e7069d301645c553d7eb820bfa593555511628b684bd98f76b76a934496b021d409766bffff8f3a192b24ff7f980113c1a48f8f91c52818c8c3d16034bf178b596b41201a241618221e8e0a859a68301601090ed5bafc032f31f054f550c1076adcc28274db102a146a229d3d5cedb63962de5c267d4750210fde6b09dfa00b34bf25775cc4719b745c7c06f9f818c943cd369a4c5bf2d65c14c9b4577351788e9a4cdf1ed4c94032e53fcb7c4973d1052069326d779ea4938144a8319782a420851ac37661848c525cd53a1120448f9a911aa920490a1b9b0140d9fb9946fa137555d1e0d74acd7e34ebbeca9ebe15e1dfb188a0d766e47ac1537b9fcb29e3c1834614808f862d8b525b89afdd0c39881637e3a80a053e89863092c740c97b5c5faded1487a5301a1a6e2b09cbbfb30408462bc4ef6051ec4e5a5e9c1e1c882a3fc68931f5a516c338f488cfc48f81139007332ae204372b72e360b194d498a7392d0aaca4e95980f0749eaf3070720d754c558cb448ba854a9eb379131a79960cb2f3fc4d32273eefc10b0d2cc5e7039bd77311660e07019728b69f743592278026dd745d310dc226f5d7a906b8ba6d64dad3f9d8c318ac19e32df5b480e896113189ecdb2bec5926bc7f32f8095dc12a3b31ca45bbab3c0326a48ba173425745267cf6568907b57f77cf8e7b62359bf3296ab391e32e8def65a3a927f20fc776eecb137b2586ccff06fb352e850547da8552c7d77daabef21beec8d9dac7b8d94920302fab8bceaee8f1dc0d010e5c47da65cfd519a86e495f2b1067228c1d2d5828d57326bf1932d8aab79baf5212d1f3e99c3b473f72d90fe57de1f72bea9ceb2fe10d8ce2ed5c146a9eee068e0ea0c5b54de9f87a00290eefc151ed481868796c1b9a8ae843d57e30e7d3a7a58efbe970a29256d4e39bc16a718720abd1c2e39f2ff89b737b7c3a0a77ec7b8c3e6bb30b92624cf98204fc78a959d558718fb22a91f81e2a03f1257d06ccd33c51c580de00aa12ff4776a10a', NULL, false);
INSERT INTO public.checkpoints VALUES (3, 12, '6d881c34-a5f2-5296-9f09-cacb49f4808e', '2026-11-26 00:54:13.066664+00', 10, 11, 'step 12 – 検証 🧭 "quoted" \ ''x''', '{milestone,t0,"Ünï {a,b}"}', NULL, 0, 'application/json', 3040, '\x13aea7f3f932bcba9e64329572e292aa85c2643e7b44f98f77c6268558738849', 3, 11, 101, false, '\x319f95f4dadf6352d0262077d449afd74bbd63b1d77e0ab358384ab61a59c33e', '\x3adbe24dde15020010cd020058323233e6a49ce8a8bc227d1e00151350b3066c2d50be194436f0c685bf9561e600cac11769a0b71c787d40050c601cc01a81783ee83102d1061d13f032035206f095818f75c0b3016371e0be3000221cd030001888bfac20', 11, false);
INSERT INTO public.checkpoints VALUES (3, 13, 'def87844-9772-59b6-aa75-16aff41183c6', '2026-11-26 00:54:13.412946+00', 11, 6, 'after the restore', '{}', NULL, 0, 'application/json', 1642, '\xcf95586bc8d330cd10e7d4d39ca2878fa8f6787e2eb8473f802f36aa59e41bd9', 3, 6, 69, false, '\x3cf7825e4a0f0a520a231443a47a55a4cf02b7a0978142451239c2924549dbcb', '\xa92c5354ed0b020008cd01006831327265616420706c616e227d0f000893216b06cc3530421c64120d7a0470d1016444016172609b2eb053861a07c8a706b293230a9c0102', 3, false);
INSERT INTO public.checkpoints VALUES (3, 14, '5f678e9c-59ab-5a05-ac89-c11ff3ec5d5a', '2026-11-26 00:54:13.429756+00', 12, 9, 'a branch of 9', '{branch}', NULL, 0, 'application/json', 2406, '\x484784591a9e54b45c0d2ab209851c56b35eaa5126dece140aefce13b8d6be0b', 3, 9, 65, false, '\xa925f911a6efb254b5e36d6b07ad17809b7049ec6b9e75b6739cb20770571348', '\x00819a81eb11020010ad01005031206e61c3af7665227d0f0068650180c3e40eacac0b716540ea0ec05a03d0e442dc0880d601aac1d408704fe64ebd3c82c13d20', 3, false);
INSERT INTO public.checkpoints VALUES (3, 16, 'c18308e2-f9f3-587a-a2aa-88cc4eef0bf7', '2026-11-26 00:54:21.234363+00', 26, 15, 'second life 14', '{}', NULL, 0, 'application/json', 3542, '\x96848f52ee34c2b6979384c071115ba390b5747d78b78a389a8c6d239c2d3bd0', 1, NULL, 900, false, '\x0e8a54bad81db93f1884339cae3039e0d7f80edd2bbce73d82be8ac2ebc0c092', '\xe8ed90090010dd1b00f20d302c80b7e93b4c8c289547bfe098828ed18929437f4bd988bd844e4d30892098e43250bf751bf9fbad039233c040d7c0a5774cb27d8d631cc745e15c7309d76034cca2f9bd34d75a6b383040282c3c301a49048b60168bc231c9f6e523f8cac16359430623e9790b09f22d752089601109ed61ebb7cd13f3a672e97b820969605954c253d2039adf8f436fe2b84f422f5a05f9f88890979e7d341dedc75b5349a4a3bd9a8ac273d474f494051522908ef2a3657ea5a96803a8341da50e5995420281a2a8319782a420851ac37651848c625cdd39124010425184084483419a14d4a8d1180591556b3303e8b1c70181647f53575a27abd4dbca40397eea037444d21b152397340d9789a1edd09a4b06b233741807520c5f181c00cf88190feb3655cdd3b104a78fea8d929784e753f638918e8871f405ef943eec30f64d3ccb800ab11eaa3215c2dc755c45f1a5ce3c794854cf9e95e383d2d7f8f15b7da8d1ac3db21b6bcd7931b4beece10ebbf0564c6f50a74e79750045800a3d30101164eab13a43ac4dcdfd53ee7ecad97d2fc2dfb38ba0aec148e0a5a9bf9fe596f9e0148d17a0bf862d88221bb8bfbd191dfb1717e3a8f7024b9a21004962a0cb23585fad4d17e7a43c9a86d52a8205bc29a180a24d023a081495273fefe7cd01b08ac59ec0575f70718ca72bbe96190db000a0e05b112618b3083723eba5c6268fddb42f4025a5c88284876b7c2d03247780315d01e5476aeb6d3cf7665278c82719a4aee4ef923941c3472f23d8297e73b0ab5e3761178320c8268a4e9136f3730758d2c8d985d1131669384e3110dbdb468b3d8a6f1596219025be29fd02fab7cc2c06e4bb55a16669d9fcb183e7d065adde13a14cb4bbcb1b3041e8989993a74e32216eef9538e8753b7b66dc89d56c0e53d08623cf4baab4cbc6580fc13f8ef11c932c6ca58490ff109b9a2e3f073bb72bc40c9ff25b59651ae88873d89351b3931c485316897957eec8de9d800ac0a7edb807ea1ba8c2d288ac303b1761ec6e7144a66e3139664ca0176c3bfe4b4fd4495a72f6fcfb87ab7d64f7253f5eabd3d75e821b866aed4644d425cd86ae8ea1ed2bb58ee35381ab58ba2747b5d361d09a6c0da0aa6849757dead7d8174b10f27d66e2c9d3d7439949b5b88b40eb11b2e44f45f0597b7b4a7a8533febea3cb9aec406a3642de2301105e9b359a28ae51550989e35066a0f3f4cf80fa344f53f1a68f8aaa51ff91055b05', NULL, false);
INSERT INTO public.checkpoints VALUES (3, 19, '94403662-63eb-5758-8aff-0c58daac40ff', '2026-11-26 00:54:21.752886+00', 30, 18, 'after the import', '{}', NULL, 0, 'application/json', 3921, '\xff9f59339d9a98bb5644a2d65a2661b2773325504f67b585bbcb5d15372cd0f9', 1, NULL, 980, false, '\xfa4c136faee979a099ff6dfd74d8afeb3980abddf55b9ed91cd9604a96459991', '\x10e57d3000105d1e00328e302ba0a739e75715886263fb78f1850a76ccfe56a614fb45f6d792dd4904fd95d03aa125db9b88507ca9ffa206d7c0b5119c51a189f2388d639ccf4571aeb9c43d4ec324defb97e65a6bcf034384c20284d3381ad883492c0a4243c6505b926d39d958e690496982204b02855c19381ad843236ed91ef23be5ce8a5cdb4fc9042d88b152d9d5d401effd8b8e20e593218de08c0aedd9f3407b82185a7dfb8bfe5524d1b7cfabc8caf6b9fab6ab289721a06fbd25766f6b15d90660adbead3a8ad6320281d4a8319782a420851ac37651848a521ade391240202a51a4084493419a14d4a8d1188b2194e873b2000ab8aa01873c571f4b2a7ba39fcb02917025284ce98e298018b997473eaef5ff6d9c3d09bc992b90f8670948089803ca1fa3cfa0d6cd35850d0b0bef922241664e897c866f07bc2052d56a46005c9c764021aa71d3d45b27abd49fc840267eea037c2cd9db1be3743a847b12d1fc60e343068232601817528cbd381c0233e3078fd4dc5c359923489d3eea224a5e12a2cfbbe1ac3447cc115da84b29618971dfdb510319047af80a538873c77115c1af75e864f1a324f4ac38df1493168b5fecc78e660d92bf41ab4c8b41f5e61e72d8c2bb327d850c95c907833d0ed4e83386c8204b97d518ec5ad5dcffa2ee8a7cdeefa2ff1b7f087c8d47422f309d7b5de23207e26b7e01a478d84a14db3aeced65def1bd601d47ad1784a41f720a46035d3ec9fa7a7d9ab820e5d13290560996f926890d8cca89cb01535ceef55c3f754470545adc44b9fafa9661101a627ab1d180059c04e18a98c0ce7adc78d92c1534f30c4efb8254525a1620c4ba857f183009868ef10a302c126c8f8567dd1484a46c2483fcfefe5932b7647c0892c63d05e1003bea7113603116042071b78354319d030093ecb03e8c8bb048d3db1403f2de36c2ed51fc1b410db36cfca7be1610b775801892ebf60b3a8fc9e97f06a45a57bd9a27430130772a07c081b862904ee83a64c2ecfd2bfd3077e4f08971275c039c9c5abb8c831fe9e15e362efa087e73dce7b26071577488f0cfd85fe3b283e0a07d2bcff8a1ef6a566ae39d384bdb5a9ab584027bc8b2b8ec9a98f3bd10b8a08bbc1d7a2e1d8a2a96f069e5c0794463a17594ac7a90c9994100bd645bf247aaa236b1ce39e6f737eeccadbc47f8af3a9d7ef5c5dd001468c722a2ae6935f4743c2db05aa90cbf0a6cc5ffae396c17c29075dc4e20aaa029d5f169df4c3f2c77088f00d38c50758f62c65ae7bd05b2ee92a57f68c16697dba32915e888371e454bd90dc2a511f20509d870b259d20cc18db24a91380f23034de5e50ca44ff30e15173da4a89af01fc10955', NULL, false);
INSERT INTO public.checkpoints VALUES (3, 20, '28c75af0-0f45-5bcc-a398-7e47281a730c', '2026-11-26 00:54:21.762519+00', 31, 7, 'one more', '{}', NULL, 0, 'application/json', 4054, '\xffd6a399c6d0e5bce3ce2d0ad9e1677e547c806fcac234aa3e0cb7697a7e75c6', 1, NULL, 1004, false, '\x93e4d84f060a8cf2bf74772bbf000864f75961169a25f50b45d4f7727306162a', '\x1eda2be300101d1f00428e302ba0a739e75715886263fb78f1850a76ccfe56a614fb456e0d44c472497a81a33d2222d48488507ca9ffa206d7c0b58a185f5334511ea7718cf3b928ce3597b8c76998c47bffd25c6bed796088505880701a47037b3089454168c8186a4fb22d271bcb1c323951116449a0909f81a3813d54e296ed21bf57eeacc8b5fd954c50458c4f653faa03defb172dc1ca27472ac1190bb467cf036d2ae26815da5ff4af228942fbbc8aac6c9fabd0f68b7219020aadf7c4ee6dad22db00ac55685f4bd15a4681e3a8419382a420851ac37651848c629add391240103251a4084493419a14d4a8d118458d345403b5f0028ab6fe1dfc4aaa0bb57a90f559bc37ef220a4a843922d805dcd5c041861b802f353de3ce6c81209c92304677c7271019c3772313c35a7f70ca7e82bd3b2790fcc71294109ca3ed3b068241bdbb6a0a7b940b95a5204ff62ecb3c876f075e107dd5caac01721c75f0a3af53d354ab09abe9c3b635133ff5003b22598d86814a5a81cb49d0c860ce410e04356c1817d2995e783c04ccc0191ee1668e9ad0716c521f7571262f09d2b3da717c2a10fd182e7c504418c5c2673cb30300e23fac222b70d9ebf88bf69b8e691c9c28893d2bce37d5bd55e217fd58a35947e46cd6ba8260acbedd730cb370ada82f209c54f3d8c0a50081fbc776044ed47b358359fbb5fd45d81dda66f72f8afee42e02a89e11c38ba5f1fe4b4dcec160d05e00340e5b11c5b6873bbb9976842559c751eb042ce9866e02e340974f727d5d5f661c4959b41ac28a8fe5bc4fa222a3e0b13ac814534f3eefe79d13988a1d97b0575fc4328c424b6c15671c600193c15cd12706671d372636978acc3c06d3be20959492050bc26bc93f864c4a418fb9620b1a796d84a0f398162194bf6490e6df3f17c89d0c1f90d060a6788dc49e7a6f822ed8840048fc7b997ec6e71fc0a49ede0313102e127a9d7a50a7da46787b94ff11ae01368f9794d30594b50e104364dfe282ce2d78fe9981abe2e257ef132929b8fb6503b890754cc209554b4cd0b8b7321cd94eee3a1bef4468927b5366ff48f34b670b67e3a29ff05fc7712e090bb20242f07f80bd7a4a520407dabf6bc627fa566ca51ae58833daa191592417904ad489ba2b713bdf45e00dc0a4eda867e95754b38c562b07ce11061b5a234b52672db9330a584ab715dfd224cae42e33675efce4bae2b2fbd29facd7e96b2fd00d8c92ed2a52aa4449c35c0769edd5b5b2f960c02aaeefd621ec2b8c5dbfdb81aa1a5da8b2a786cffbb0b4d13e2d480bf9fb7a0833b1ce7711b81ad392fca9083c4bcc9e4ead5046bd6534b7844d886c6f213f464086efccbac6c4bd55573de2644817c83bfd5180cd346fa8f8e92d4515c37f04c75601', NULL, false);
INSERT INTO public.checkpoints VALUES (2, 13, '644c16f4-4b79-55ea-b71c-b38587602bbd', '2026-11-26 00:54:21.815296+00', 14, 12, 'binary 13', '{}', NULL, 0, 'application/octet-stream', 2683, '\xebc3a1b3c69c235f7e27a2d4c121f31f32e5cba7c711aa70c9ae45c9fa7cdabd', 0, NULL, 2683, false, '\xf7825eb9855c6c7591921217a153f8faff29aab9b285fee2ce9092a2e6d8f15a', '\x38b4e652e44da7f2370d9e260e27136550a4a3a6d07f5c0c332f8b1224083fd22b902f8911e81818f8c99d5d5d9831957504d90e945de2e8f54ee781cc75f636d85099095aa300165a67036f9b540d6b8f0be21124179c3dd9f73817ce6e118d264aad6cb6dd210faf94acd3cf92c190237cb11f5d108cf25930263938b370a1b5769fa0f1483f95a90d9df2f130d60fcf04bd93f50ae69514da8c659ce2b10cccdaebf990d19838b0d7ec0b3e97818ecb96c4dbadbe172296d5234a42b24c6ba4e6ed24ec636a8ac19ed1b4a436786e38aaf84e58056d8f2fa8edd094ba97ae8b15442ee2db611a91bfe39469733a9247d58fa3c55018300372555fd235f11829fb388c22e44cb637f01210c3707a90b405420fb169779edfb5b9342405157f54b12eae62d11e887eb0766d96521c32751b4b5b10af3177d161e79587a766ec30e4037458a9905cad87bd4c77e2983f27745ccb9a31052e944cf1b220eaa2c7fb1b7d3e3f73f414af6e0d935520dd4c2147738606f2bf7ec70209e0cd05ee5720edbcba3acce672084ab649fcbce49b24d68556b93cd68d108f391ebc070e83e8180a6bd4f43a2afffcd3c12ef890575575e826e2cbeaee82af2c7d696cf46b977c090af4e146f6d03110ab86efde139eeabac37a0dde8ef2d3b1925e1302ca57501fe0ca9a7fd1ccc15150424212578fe0feb1a50bdd548c8b76844b14267f1b037494dd1c01cc6adfc974d1729a11fe2008d737e8f517d69ed6f181bd1a4529825e79455971b21ae105aab2d6a3100b08880f0f422dbb36fb94b3cb6d424f813caaa5b348f4930b893bfe338f65aea5a969d2708315720cbce31c596a2efc4f3ac362881215e31ed32cab3d56d55807afc6053558cef092a9317629b2ff5ae637052b3839659c78fdf91d0aaa627e00a3170ffb76dc37c1eaaac499239549cf701c21e66105bd83af633f509fdc659c471564d277b4eab08215dff1d5d21a030a85151afb962a02f2fd727628d2661118a88c1f772047597125e27e970d23d952bcd1b0aa366e09162edd5f30db8c4d9a46473a6ad6b44ddf506a4a1b89fc406dd85b24f0c6ae05765ae2c99964615ddf2df5ff87123bbdc0a2262a7c3e15e9267a2e91f43b457686613b898c94a8eae9bb3b9e9016037f84267c2e8cc2d45fccd096cf05ae2ec55c4343bc9c2c4859470c014e0c4b25ef13406b01f4da88ed66875ef7aa1c9c11bdfb90f5889051c039fef3263620202d31c4b0b2a8f4db163ff783696a52e9b69b0cadc2e1aba7db721bad818862bd657ad20d5d9ae6748fcb47e63483f8de9114acc7b6d0aef39318e0df7f2b3aaea36941ccc86e2c8fa3f1726423e4e765047a2366ad0ce5642c68811a5c14457b0bcd60a2866883662879ef0f7dc9cb306b8b5e89e3d24eeb0a81713531eccc70a5b38c29f942241c95c10d570943c9995d98750da08c351ac8490f0016bb18917f4cb926b3d75f899c91f919454eeef22f8a155da0e21d9dfa3987069d330012373fd4df1c633c351ca0339d4a9150609d67072687aa68a2def693407c8d99f47185ee580ff82e9aa8d0395d92fd6179ab96721fc3ce871d26ee53d92407f27cdafa3bfea39b52fad7154b77682cfb7a8b96dc7bbe8dd54f9e89fc155ae2e424b3f7281a55a1eabf7efbb65765a887bd9a1bc743a2f7867abbdd2fd4f6a12ab16e0a5429c27f2e84f399e90576f8883453ca73f30da5b7f378e03b8735cf9b5c6bbe8725e544a8b00b590d8b437505eaad41ec062aa815c2252e3287069b4f4cab0e7ffaa23696a492de02dda2774c17c7f339b2f6406fd80872d84218a8b5849709e05dd4a183e84644c32a6fe70e5b16b99dc527f20839a4f957888c24a48a202470c78bc0b080c2ec6454bddbeda2424219395286fc9c6033bfcfb188d4c90b1d24fc026b21c28ae145da0717f531922a5bcea582483d97447ed136409366675168bdfdc6a6cd65990b3a31d32d33b8f883846af3267e8e25065bf51323bb363e6b0726a956fd5ce2260786eb44ca3bf987478db9e4785240594204b79231241e49b12964ea9a082cdef477cb225849837d721f2afece079fe0efe5e91eb9ec0ff0fccf1e7a59ddeb7af44ad079f905c7585d9b259e140038703889f8261a7c91123a76295778dd555b32adf6755613d05134b52a8f7ba1d0c29f244739fc759b7ae6cd233a9c6bc826d734107d0039c5be7a4347c1e8b99129a70ed61058d973b5ccff5ea4a4eb0ab4154d8babd539241ca90901b21e8927e7e807147763700045c8716724b6923409c0a1980633915a607abe3996e37f99b32dadb6156f9fc704ca458ec6a2f9d81f55033d3516e1c502cd5ae437f23188bef87a81c9b8feab55656fb091764e49c166e65c4cbeed4961f28f44bd15c2678cb951caaa281f5c852b8f9c3cfe3496852009710d07fccfb12686793f970963a4e79e6e2177f4e976ce9b52e6a7f9ad6b25ef11909cd63096d3fbf38a989654f5faad746f7919bc42a8eadefdef924eb4596fe0e9271efc748c5f715c8c7e288821b2407a05c16ca5032ba9a2cc2b428cf85c63f3b9451451a6f9444f1af903ce8615fcdebf0b0902ef88efa52389220e6fb3808efc798b2adff4c4de3115e97ed30d5cb8dffcde0636d2982a070a3f78408dbc7836d1dcff4ad6254c804cfd933da08480c30dbf20960209745331bb6542eeb35a8b0668446bb4cd8dd57b0b8e214470970fbde0f6e81a886bbdf096915afaedcfe5cd094a7551f397a95e58569517eca6d048fe7fe734704a845b4bae6b016dbfd3d2c4efea4cabcfe0b5106c807db3792156ae2588dbbfde26198704869935b3828dd7c904173070dfac06ac70921bc9c69d28e02eb73cca9b11b80101557daac6466f96cca77459261fea1e2c70353d2436d53679376b7d9e2e44a6b95d61ce1edf2f758eca31cf0fe5907353b044adae5480b284b7aedd874170318ed144847bb214c6c82b0ec8c699fc291bca371be25f916f8f94ec8b0ef9529d3f5870f9309009e446e18bcd0a5ae7b2c591d50519528bf9812ccdc173407fcd8fc235220707e98ec2b9f9dde4eed098e9b5f038100aba7871436a5b5398a0ce9c39232ef906ee6b81c0d62b9bbf031d83a3160c33add156b1b4a1f54603efcc738f851682e86485881549afce8396607a9e06fc81ce3706f1de5e663f7bf1ffb25b11f18514a164e05c0140e02dbf32f11ee984edeba3744205963bece34b3c8f62968be4d2f279f17fd7dc33d1390ad7bd359172143e1b23e0b9a86ad09d221fe4fd7164b3a62e71540de45085619212fbd7d0ab79809a3d879aa76ded0ab812aed67236cd8662abacfe824dee07b0c86552521f3e86a3e5f20de5c659d08927856083f0eea153b7c4a9b9a42f9206a92330be5d84459a24d0accb40225501e21e1e2323df03b1f71f89bd7765e83638a08e26bf824fd7f3f49a18188629f46504f68ae25a1fbd7ca5f1ac293b3768fdf319f7aa15181bd56b334539f0d65529e48a7bfe7bb1fe8367136067cd50d05676c6d86b52e48a511e079a1781e0deb86d10af5d55d5fc0489726b75a1dcc17085ba01b44705a104ba67646250afb99f61e1a24bf59e2383ed54f5f5975c7510a1f825eb5029d2c95981823afb10c1f8133e5be02705fc435c949c458573220af6f9e8e73f606cc762927ac19b8d2a2153ecdcd182d9186c7b967ed9379ba8d182282df2543334426a32ec675efa3c2628cbc8834c8212921de59e7ece8e4eb37773b953656e64', NULL, false);
INSERT INTO public.checkpoints VALUES (2, 14, 'ec5ec57f-8f47-5cdb-a8ca-03c795092ddf', '2026-11-26 00:54:21.822426+00', 15, 13, 'binary 14', '{}', NULL, 0, 'application/octet-stream', 2684, '\x006b4d68059543025e9ca11441ccbd45942e88ade813ad9247e82c62b28fa6b9', 2, 13, 8, false, '\xb324d77e19ca485fe48a2a79568f64f64bfcd6326c886f5d76613406f1c0b614', '\x963cd340fb14002e', 13, false);
INSERT INTO public.checkpoints VALUES (2, 15, '1f698b9c-31b2-5428-a193-77bb1d04bffd', '2026-11-26 00:54:21.893577+00', 18, 9, 'a branch of 9', '{}', NULL, 0, 'application/octet-stream', 1800, '\x7158b32d541fb74458191fcd9ed90b1573f7d6f8d9ffcef539d8e7ce0baaf95d', 0, NULL, 1800, false, '\xf1ce11596a7e99146669a7869da6b1c288ea50ee6f499d9fcd1d2f427493d870', '\x38b4e652e44da7f2370d9e260e27136550a4a3a6d07f5c0c332f8b1224083fd22b902f8911e81818f8c99d5d5d9831957504d90e945de2e8f54ee781cc75f636d85099095aa300165a67036f9b540d6b8f0be21124179c3dd9f73817ce6e118d264aad6cb6dd210faf94acd3cf92c190237cb11f5d108cf25930263938b370a1b5769fa0f1483f95a90d9df2f130d60fcf04bd93f50ae69514da8c659ce2b10cccdaebf990d19838b0d7ec0b3e97818ecb96c4dbadbe172296d5234a42b24c6ba4e6ed24ec636a8ac19ed1b4a436786e38aaf84e58056d8f2fa8edd094ba97ae8b15442ee2db611a91bfe39469733a9247d58fa3c55018300372555fd235f11829fb388c22e44cb637f01210c3707a90b405420fb169779edfb5b9342405157f54b12eae62d11e887eb0766d96521c32751b4b5b10af3177d161e79587a766ec30e4037458a9905cad87bd4c77e2983f27745ccb9a31052e944cf1b220eaa2c7fb1b7d3e3f73f414af6e0d935520dd4c2147738606f2bf7ec70209e0cd05ee5720edbcba3acce672084ab649fcbce49b24d68556b93cd68d108f391ebc070e83e8180a6bd4f43a2afffcd3c12ef890575575e826e2cbeaee82af2c7d696cf46b977c090af4e146f6d03110ab86efde139eeabac37a0dde8ef2d3b1925e1302ca57501fe0ca9a7fd1ccc15150424212578fe0feb1a50bdd548c8b76844b14267f1b037494dd1c01cc6adfc974d1729a11fe2008d737e8f517d69ed6f181bd1a4529825e79455971b21ae105aab2d6a3100b08880f0f422dbb36fb94b3cb6d424f813caaa5b348f4930b893bfe338f65aea5a969d2708315720cbce31c596a2efc4f3ac362881215e31ed32cab3d56d55807afc6053558cef092a9317629b2ff5ae637052b3839659c78fdf91d0aaa627e00a3170ffb76dc37c1eaaac499239549cf701c21e66105bd83af633f509fdc659c471564d277b4eab08215dff1d5d21a030a85151afb962a02f2fd727628d2661118a88c1f772047597125e27e970d23d952bcd1b0aa366e09162edd5f30db8c4d9a46473a6ad6b44ddf506a4a1b89fc406dd85b24f0c6ae05765ae2c99964615ddf2df5ff87123bbdc0a2262a7c3e15e9267a2e91f43b457686613b898c94a8eae9bb3b9e9016037f84267c2e8cc2d45fccd096cf05ae2ec55c4343bc9c2c4859470c014e0c4b25ef13406b01f4da88ed66875ef7aa1c9c11bdfb90f5889051c039fef3263620202d31c4b0b2a8f4db163ff783696a52e9b69b0cadc2e1aba7db721bad818862bd657ad20d5d9ae6748fcb47e63483f8de9114acc7b6d0aef39318e0df7f2b3aaea36941ccc86e2c8fa3f1726423e4e765047a2366ad0ce5642c68811a5c14457b0bcd60a2866883662879ef0f7dc9cb306b8b5e89e3d24eeb0a81713531eccc70a5b38c29f942241c95c10d570943c9995d98750da08c351ac8490f0016bb18917f4cb926b3d75f899c91f919454eeef22f8a155da0e21d9dfa3987069d330012373fd4df1c633c351ca0339d4a9150609d67072687aa68a2def693407c8d99f47185ee580ff82e9aa8d0395d92fd6179ab96721fc3ce871d26ee53d92407f27cdafa3bfea39b52fad7154b77682cfb7a8b96dc7bbe8dd54f9e89fc155ae2e424b3f7281a55a1eabf7efbb65765a887bd9a1bc743a2f7867abbdd2fd4f6a12ab16e0a5429c27f2e84f399e90576f8883453ca73f30da5b7f378e03b8735cf9b5c6bbe8725e544a8b00b590d8b437505eaad41ec062aa815c2252e3287069b4f4cab0e7ffaa23696a492de02dda2774c17c7f339b2f6406fd80872d84218a8b5849709e05dd4a183e84644c32a6fe70e5b16b99dc527f20839a4f957888c24a48a202470c78bc0b080c2ec6454bddbeda2424219395286fc9c6033bfcfb188d4c90b1d24fc026b21c28ae145da0717f531922a5bcea582483d97447ed136409366675168bdfdc6a6cd65990b3a31d32d33b8f883846af3267e8e25065bf51323bb363e6b0726a956fd5ce2260786eb44ca3bf987478db9e4785240594204b79231241e49b12964ea9a082cdef477cb225849837d721f2afece079fe0efe5e91eb9ec0ff0fccf1e7a59ddeb7af44ad079f905c7585d9b259e140038703889f8261a7c91123a76295778dd555b32adf6755613d05134b52a8f7ba1d0c29f244739fc759b7ae6cd233a9c6bc826d734107d0039c5be7a4347c1e8b99129a70ed61058d973b5ccff5ea4a4eb0ab4154d8babd539241ca90901b21e8927e7e807147763700045c8716724b6923409c0a1980633915a607abe3996e37f99b32dadb6156f9fc704ca458ec6a2f9d81f55033d3516e1c502cd5ae437f23188bef87a81c9b8feab55656fb091764e49c166e65c4cbeed4961f28f44bd15c2678cb951caaa281f5c852b8f9c3cfe3496852009710d07fccfb12686793f970963a4e79e6e2177f4e976ce9b52e6a7f9ad6b25ef11909cd63096d3fbf38a989654f5faad746f7919bc42a8eadefdef924eb4596fe0e927', NULL, false);
INSERT INTO public.checkpoints VALUES (1, 8, '8b7e07f4-0c79-5b6f-8df4-62667b59abb9', '2026-11-26 00:54:13.045604+00', 8, 7, 'step 8', '{late}', '{milestone,t2,"Ünï {a,b}"}', 0, 'application/json', 2025, '\xe4ec3f928b76bcf59354c4cc13978b1ba5dcc15bd08c30da027722492501fdd8', 3, 7, 94, false, '\x1fafa95325e8258dc5242d0de72a5379c6f6825c60b59ee269aad0fd010ea936', '\x01219179ee0d02000895020068317465737435696e646578227d1a004107cc6c82c23448c1a04e06b461801487b40dace1427529607d1d00e306ac9152386c3520f3024079c1a5c14e0486d2806f5d3018872c0c804ee6aebd1c61c82d20', 1, false);
INSERT INTO public.checkpoints VALUES (66, 1, '01a21558-aa13-7e0a-a318-4ac42a8ea121', '2026-11-26 00:54:21.974195+00', 1, 0, 'rows left', '{x}', NULL, 0, 'application/json', 8, '\x613fe5aa65343dbb1b9abe6abac6773f5c91bd60d3f2ffb7e2eae69e1db8b227', 0, NULL, 8, false, '\xeb36d14ff0b4c8144d46274276e103c7ce7beecea1e824e1b43f6135ad81084b', '\x7b2278223a20317d', NULL, false);

INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (1, 5, 0, '2026-11-26 01:54:12.390419+00', NULL, NULL, 0, 0);
INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (16, 4, 1, '2026-11-26 00:55:13.108642+00', NULL, NULL, 0, 0);
INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (105, 1, 3, '2026-11-26 00:54:21.775514+00', NULL, NULL, 0, 0);
INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (107, 1, 1, '2026-11-26 00:54:21.899036+00', NULL, NULL, 0, 0);
INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (106, 1, 2, '2026-11-26 00:54:21.884663+00', NULL, NULL, 1, 0);
INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (109, 3, 66, '2026-11-26 00:54:21.986743+00', NULL, NULL, 0, 0);
INSERT INTO public.due_work OVERRIDING SYSTEM VALUE VALUES (110, 2, 67, '-infinity', NULL, NULL, 0, 0);

INSERT INTO public.events VALUES (1, 13, 5, '2026-11-26 00:54:13.150737+00', 4, 12, '{"tags":["kept","first \uD83E\uDDED"],"tagsBefore":["milestone","t1","\u00DCn\u00EF {a,b}"],"after":{"head":12,"current":12,"count":12,"bytes":19832}}', '\x475668638643deae23297d7fee101da371a4e38f7858df1600283c13e9533e78');
INSERT INTO public.events VALUES (1, 14, 5, '2026-11-26 00:54:13.189823+00', 5, 12, '{"tags":[],"tagsBefore":["t2"],"after":{"head":12,"current":12,"count":12,"bytes":19832}}', '\x26acaa5f33b7964f1fd59bb5669eeef70ac98e3b09116e95be2a2f4d71eca35c');
INSERT INTO public.events VALUES (1, 15, 4, '2026-11-26 00:54:13.230144+00', 3, 12, '{"severity":1,"text":"988937a48aa70f46c7008f93f077945c0752554045a1c497831ce52fc7fb88e8","after":{"head":12,"current":12,"count":12,"bytes":19832}}', '\x3885b41141822498e4c4701246b16ab89e53d06505ac8d3f9ed39cd55af18f6e');
INSERT INTO public.events VALUES (1, 16, 4, '2026-11-26 00:54:13.263676+00', 3, 12, '{"severity":0,"text":"7208794c984ea1c75d13877c7427336fe98722c41a056eeee4f37360ec367123","after":{"head":12,"current":12,"count":12,"bytes":19832}}', '\x9fb32526765def03a5491dbf6778481a03ea62f5e34a17b7f774e799e716ec4a');
INSERT INTO public.events VALUES (1, 17, 4, '2026-11-26 00:54:13.271366+00', 8, 12, '{"severity":2,"text":"f526795c95399cea27c055c842c3d6ab018ed0fa4f66f701c28ab22dec28237b","after":{"head":12,"current":12,"count":12,"bytes":19832}}', '\x9668b8636568c8946ab05fc4835bec0d3753c6ff82e9a191c4e5e08832fbb694');
INSERT INTO public.events VALUES (1, 18, 2, '2026-11-26 00:54:13.285031+00', 2, 12, '{"after":{"head":12,"current":12,"count":11,"bytes":19306}}', '\xa28503371bb8b2665285a69a6e4e042d40d5c36d9409c9caa02bdaf0365feadf');
INSERT INTO public.events VALUES (1, 19, 1, '2026-11-26 00:54:13.356561+00', 6, 12, '{"undo":12,"after":{"head":12,"current":6,"count":11,"bytes":19306}}', '\xbdc77bb9424d71881eee5553ee3d3be90a2c21f824933ef1547835a04006e968');
INSERT INTO public.events VALUES (1, 23, 2, '2026-11-26 00:54:13.44346+00', 10, 15, '{"after":{"head":15,"current":15,"count":13,"bytes":20840}}', '\xc4d8d681b023a9ccadc2bd7308f3b96669ed2d7f44eabe2466db97cf5c31ab35');
INSERT INTO public.events VALUES (2, 13, 3, '2026-11-26 00:54:13.673799+00', 0, 12, '{"deleted":5,"remaining":7,"ranges":[1,2,4,6],"trunks":[3],"after":{"head":12,"current":12,"count":7,"bytes":13170}}', '\x1bd03869065fd4e14510fbb4d36fb893040823ec88c6feb30d8ef1240a8e0071');
INSERT INTO public.events VALUES (3, 24, 7, '2026-11-26 00:54:13.772164+00', 0, 15, '{"first":1,"last":15,"count":13,"position":1,"document":"c4d8d681b023a9ccadc2bd7308f3b96669ed2d7f44eabe2466db97cf5c31ab35","links":"869b9b5bc9ac623473664d2a531bcc28f2ad8adee7b62e005b869b85417d1f91","before":"d9ef0b5dfc2a7e4ce2722c75738c2bfb42e2896ba64afb77babe420fa798b983","after":{"head":15,"current":15,"count":13,"bytes":20840}}', '\xeb40264a30ac8c207cf82405d3135b527d71503b3bf65d122ab718635043a72f');
INSERT INTO public.events VALUES (6, 2, 2, '2026-11-26 00:54:13.859807+00', 1, 1, '{"after":{"head":0,"current":0,"count":0,"bytes":0}}', '\x044436c542589b99791883bc309f9404b65f96b56f8faf60d9fb724e3fe5c1c9');
INSERT INTO public.events VALUES (7, 5, 7, '2026-11-26 00:54:13.900594+00', 0, 4, '{"first":1,"last":4,"count":4,"position":1,"links":"844c3688e458656b8afe9a4eeec33d1f1153dbb3d784df54ae6dd164b3c331ca","before":"376b31269598f6b82138e1f6f7a980210644e1ba8e7a7426edadb54787791d55","after":{"head":4,"current":4,"count":4,"bytes":1725}}', '\x1dbacf0db9a2ecee4d546dec33dcc988f11c51b83895df0875bc03319ecf85f0');
INSERT INTO public.events VALUES (3, 25, 4, '2026-11-26 00:54:21.449051+00', 1, 15, '{"severity":0,"text":"09ba10e469e8d7b59e74b254145e7fae0f76c37de6b6b2ed51ac0f64bd9b4ebf","after":{"head":15,"current":15,"count":13,"bytes":20840}}', '\xd244aa898f120881e09de03c39b4839d1ef0b15edce47618a9239f5bf3cda637');
INSERT INTO public.events VALUES (3, 29, 7, '2026-11-26 00:54:21.727513+00', 0, 18, '{"first":16,"last":18,"count":3,"position":26,"document":"7bd6093550844b122ddebe058ff945b1f022dd0ada460c22f78c3afece26ba0f","links":"293f2c1d6351e2eaf433b2503124b72f4746d2276667575ff6b8387943333da4","before":"d244aa898f120881e09de03c39b4839d1ef0b15edce47618a9239f5bf3cda637","after":{"head":18,"current":18,"count":16,"bytes":32236}}', '\xea523cbc7b997e6771fabb6b148805665b8a1dd45d6a5c8bf1ad1fb9abf25e0c');
INSERT INTO public.events VALUES (3, 32, 2, '2026-11-26 00:54:21.775514+00', 8, 20, '{"after":{"head":20,"current":20,"count":17,"bytes":38186}}', '\xc2f4cdf33bc9de8c1d37223e84e9751c5e35de7990375e9a018076d93e24409b');
INSERT INTO public.events VALUES (2, 16, 1, '2026-11-26 00:54:21.843733+00', 9, 14, '{"undo":14,"after":{"head":14,"current":9,"count":9,"bytes":18537}}', '\xbc6924bdf817b37dc042309a834cfb72d141799370d285cca46a6bd80fd133ec');
INSERT INTO public.events VALUES (2, 17, 2, '2026-11-26 00:54:21.884663+00', 8, 14, '{"after":{"head":14,"current":9,"count":8,"bytes":15897}}', '\x87bbc157ecd09bc53397623ad52aee108ff0118ee87125a8233eea4ec7d33e13');
INSERT INTO public.events VALUES (1, 27, 2, '2026-11-26 00:54:21.899036+00', 7, 18, '{"after":{"head":18,"current":18,"count":15,"bytes":30460}}', '\xcbb1d3a200fa524660be624afc1f35bf35e2cc0cd3b319b087212ca14ed255ee');
INSERT INTO public.events VALUES (1, 28, 5, '2026-11-26 00:54:21.916086+00', 8, 18, '{"tags":["late"],"tagsBefore":["milestone","t2","\u00DCn\u00EF {a,b}"],"after":{"head":18,"current":18,"count":15,"bytes":30460}}', '\xc12b448074d9ca211be17ac84d03b471ef20dd666bbf0931b50436e2b75930b7');
INSERT INTO public.events VALUES (2, 19, 3, '2026-11-26 00:54:21.941388+00', 0, 15, '{"deleted":3,"remaining":6,"ranges":[1,6,8,10],"trunks":[],"after":{"head":15,"current":15,"count":6,"bytes":9817}}', '\xaa05d5dc3dac85cbbe4a63184a2cf1a319e843f31280f1e1bb17380f1f915fee');

INSERT INTO public.removed_ranges VALUES (3, 8, 8);
INSERT INTO public.removed_ranges VALUES (2, 8, 8);
INSERT INTO public.removed_ranges VALUES (1, 7, 7);
INSERT INTO public.removed_ranges VALUES (2, 1, 6);
INSERT INTO public.removed_ranges VALUES (2, 8, 10);

INSERT INTO public.removed_runs VALUES (6, 1, 1, 1, 14, 1, '\x8620d5e69f55f4b818c0c4ca2a21edc69a035594f000f3d9d9d1ba3eaf988c64', -1027692299892717359);

INSERT INTO public.requests VALUES (1, '3bd23ce2-7a59-88e2-a37b-d289b63ac657', '2026-11-26 00:54:13.150737+00', 'tag', '{"Arguments":"{\u0022checkpoint\u0022:\u00224\u0022,\u0022tags\u0022:[\u0022kept\u0022,\u0022first \\uD83E\\uDDED\u0022]}","Answer":"4"}');
INSERT INTO public.requests VALUES (1, '36fb18e4-89c9-8704-9fed-bf7bc745ecd1', '2026-11-26 00:54:13.230144+00', 'annotate', '{"Arguments":"{\u0022checkpoint\u0022:\u00223\u0022,\u0022severity\u0022:1,\u0022text\u0022:\u0022look again \\u2013 gr\\u00F6\\u00DFer \\uD83E\\uDDED\u0022}","Answer":"{\u0022Position\u0022:15,\u0022At\u0022:\u00222026-11-26T00:54:13.230144\u002B00:00\u0022,\u0022Severity\u0022:1,\u0022Text\u0022:\u0022look again \\u2013 gr\\u00F6\\u00DFer \\uD83E\\uDDED\u0022,\u0022Chain\u0022:\u00223885b41141822498e4c4701246b16ab89e53d06505ac8d3f9ed39cd55af18f6e\u0022}"}');
INSERT INTO public.requests VALUES (1, 'af3fe097-e0c6-87ad-a125-7fe1e9a19ea7', '2026-11-26 00:54:13.285031+00', 'delete', '{"Arguments":"2","Answer":"{\u0022Deleted\u0022:true}"}');
INSERT INTO public.requests VALUES (1, '0097665a-f688-5b14-a0df-ad11ce9c6835', '2026-11-26 00:54:12.996385+00', 'create', '1 2 1 2 0 UpHJpRdI+b5O3jnP4kpv3OosrU8Q0eLUDWj2NiLbEH41xXt78bArJBie8kWNwljRsSZpyiMGkelYgOzuoCPTo9vwdvatEWL4');
INSERT INTO public.requests VALUES (1, 'dd5ac2ae-8488-8f03-9ee5-fdc232deaf29', '2026-11-26 00:54:13.356561+00', 'restore', '{"Arguments":"6","Answer":"{\u0022Sequence\u0022:6,\u0022Undo\u0022:{\u0022Sequence\u0022:12,\u0022Id\u0022:{\u0022Value\u0022:\u00226d881c34-a5f2-5296-9f09-cacb49f4808e\u0022,\u0022IsEmpty\u0022:false}},\u0022Anchor\u0022:{\u0022Position\u0022:19,\u0022Chain\u0022:\u0022bdc77bb9424d71881eee5553ee3d3be90a2c21f824933ef1547835a04006e968\u0022}}"}');
INSERT INTO public.requests VALUES (1, '79b58f03-3340-5a9a-af09-02b0d2952832', '2026-11-26 00:54:13.056222+00', 'create', '1 10 9 10 19 HCims0JlTcHuonwo/Gf0zbQCiDWBiRvTlZ+f4Bh3+r0J9GVK1fuz9CtY5RsCoOT28j2GdGaUAmD5R9QfEpgqLuoaEtr2aOJC');
INSERT INTO public.requests VALUES (2, '7794bc37-2d3a-8150-a1bc-27c2b4f96478', '2026-11-26 00:54:13.673799+00', 'compact', '{"Arguments":"{\u0022KeepRecent\u0022:6,\u0022KeepTags\u0022:[\u0022keep\u0022],\u0022KeepYoungerThan\u0022:null}","Answer":"{\u0022Deleted\u0022:5,\u0022Remaining\u0022:7,\u0022FreedBytes\u0022:2692,\u0022Anchor\u0022:{\u0022Position\u0022:13,\u0022Chain\u0022:\u00221bd03869065fd4e14510fbb4d36fb893040823ec88c6feb30d8ef1240a8e0071\u0022}}"}');
INSERT INTO public.requests VALUES (6, '30a2a5f4-2bf0-5f3d-adc7-d7ad690ad46b', '2026-11-26 00:54:13.855133+00', 'create', '1 1 0 1 0 7iQXML8wAe/0mAQt7KNiTESINpEB5p+B2EHZkPyDfRbzfl2fWhE8nIYg1eafVfS4GMDEyioh7caaA1WU8ADz2dnRuj6vmIxk');
INSERT INTO public.requests VALUES (3, '8b7e07f4-0c79-5b6f-8df4-62667b59abb9', '2026-11-26 00:54:13.045604+00', 'create', '1 8 7 7 0 6qDt2FJp0sVx6NP1AwluEBG7AhQZ2lNzxUlI9KJAyhOcIcieH1jOPI1dgPYGAhddmX0oajFX9N+zntZpVnPiCNMCz8tt/FQD');
INSERT INTO public.requests VALUES (2, '373ed5c1-0522-84f4-ad11-47ceb96f28c0', '2026-11-26 00:54:21.843733+00', 'restore', '{"Arguments":"9","Answer":"{\u0022Sequence\u0022:9,\u0022Undo\u0022:{\u0022Sequence\u0022:14,\u0022Id\u0022:{\u0022Value\u0022:\u0022ec5ec57f-8f47-5cdb-a8ca-03c795092ddf\u0022,\u0022IsEmpty\u0022:false}},\u0022Anchor\u0022:{\u0022Position\u0022:16,\u0022Chain\u0022:\u0022bc6924bdf817b37dc042309a834cfb72d141799370d285cca46a6bd80fd133ec\u0022}}"}');
INSERT INTO public.requests VALUES (2, '7838b6b6-6ed1-5354-8cf6-fe46921fcfb5', '2026-11-26 00:54:13.624648+00', 'create', '1 8 7 8 0 lDV4qwQwbyv0S/VXiRcgh94AUlL+2MBw0fHMDDiH2BYznBfspGdfmuqOKWm7jUNNzTze05nzoAJ+HzAaH/e5vEyrvmEHna1W');
INSERT INTO public.requests VALUES (1, '3ceb6a3c-c55c-57a7-bf43-2c8dbb2bd93a', '2026-11-26 00:54:13.039734+00', 'create', '1 7 6 7 0 kXVV8IRmA59pZkTPW3RkrlBlKmXkrWiAL646A4UWcxxQLUptBsGWOdjZ6cxXBY3Czvw2FA15f2QNZpY7ttYJ93euXhVUER+3');
INSERT INTO public.requests VALUES (2, '9e2b0adf-a14a-8f30-bc69-ee9ffc698683', '2026-11-26 00:54:21.941388+00', 'compact', '{"Arguments":"{\u0022KeepRecent\u0022:4,\u0022KeepTags\u0022:[\u0022batch\u0022],\u0022KeepYoungerThan\u0022:null}","Answer":"{\u0022Deleted\u0022:3,\u0022Remaining\u0022:6,\u0022FreedBytes\u0022:144,\u0022Anchor\u0022:{\u0022Position\u0022:19,\u0022Chain\u0022:\u0022aa05d5dc3dac85cbbe4a63184a2cf1a319e843f31280f1e1bb17380f1f915fee\u0022}}"}');

INSERT INTO public.schema_level VALUES (true, 4, 4);

INSERT INTO public.schema_scripts VALUES (1, 'Forge.Grains.History.PostgreSql.Migrations.0001_history.sql', '2026-11-26 00:54:11.834997');
INSERT INTO public.schema_scripts VALUES (2, 'Forge.Grains.History.PostgreSql.Migrations.0002_deltas.sql', '2026-11-26 00:54:11.847052');
INSERT INTO public.schema_scripts VALUES (3, 'Forge.Grains.History.PostgreSql.Migrations.0003_chain.sql', '2026-11-26 00:54:11.85752');
INSERT INTO public.schema_scripts VALUES (4, 'Forge.Grains.History.PostgreSql.Migrations.0004_retention.sql', '2026-11-26 00:54:11.865287');

INSERT INTO public.sessions VALUES (7, 'default', 'moved', 1, 1, '890bc548-479c-4222-abdc-10991cd0566a', '2025-11-02 09:00:05.123456+00', '2025-11-02 09:06:00+00', 4, 4, 4, 5, 4, 1725, NULL, NULL, NULL, '\x1dbacf0db9a2ecee4d546dec33dcc988f11c51b83895df0875bc03319ecf85f0', NULL, 8829479253265444340, 0);
INSERT INTO public.sessions VALUES (2, 'default', 'A1', 1, 18, '33ff9cbf-f5c8-4e45-bb7f-a5413471604d', '2026-11-26 00:54:13.592736+00', '2026-11-26 00:54:21.893577+00', 15, 15, 15, 19, 6, 9817, NULL, NULL, NULL, '\xaa05d5dc3dac85cbbe4a63184a2cf1a319e843f31280f1e1bb17380f1f915fee', NULL, 6629255253026393720, 0);
INSERT INTO public.sessions VALUES (3, 'default', '0a1', 1, 6, '161abeae-53e1-4aa7-84ea-44c3977c93dc', '2026-11-26 00:54:12.806349+00', '2026-11-26 00:54:21.762519+00', 20, 20, 20, 32, 17, 38186, '{"labels":{"team":"red","ziel":"gr\u00F6\u00DFer \uD83E\uDDED"},"automaticInterval":"00:10:00","retention":{"keepRecent":100,"keepTags":[],"keepYoungerThan":null},"timeToLive":null}', NULL, NULL, '\xc2f4cdf33bc9de8c1d37223e84e9751c5e35de7990375e9a018076d93e24409b', NULL, -9014605370752815698, 0);
INSERT INTO public.sessions VALUES (66, 'default', 'gone-too', 1, 2, '2e4ceb92-8bb0-4ed8-bf90-e13bff4ae964', '2026-11-26 00:54:21.986743+00', NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, '2026-11-26 00:54:21.986743+00', -2689291305992301830, 0);
INSERT INTO public.sessions VALUES (4, 'default', 'gone', 1, 2, '762f721e-9993-4e10-9bc7-893cb43d98ff', '2026-11-26 00:54:13.802924+00', NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, '2026-11-26 00:54:13.802924+00', -8794065876692063231, 0);
INSERT INTO public.sessions VALUES (5, 'default', 'erased', 1, 2, '03c4ddde-4c20-4ea3-8c80-43de1cdc0218', '2026-11-26 00:54:13.824126+00', NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, '2026-11-26 00:54:13.824126+00', -6308627929009014091, 0);
INSERT INTO public.sessions VALUES (6, 'default', 'empty', 1, 2, '99b6c6df-2d0d-4379-a177-3cf942255be9', '2026-11-26 00:54:13.855133+00', '2026-11-26 00:54:13.855133+00', 1, 0, 0, 2, 0, 0, NULL, NULL, NULL, '\x044436c542589b99791883bc309f9404b65f96b56f8faf60d9fb724e3fe5c1c9', NULL, 563997759643043251, 0);
INSERT INTO public.sessions VALUES (1, 'default', 'a1', 1, 29, '067ae47f-dd62-4c03-8242-566fec7a038b', '2026-11-26 00:54:12.806349+00', '2026-11-26 00:54:21.392345+00', 18, 18, 18, 28, 15, 30460, '{"labels":{"team":"red","ziel":"gr\u00F6\u00DFer \uD83E\uDDED"},"automaticInterval":"00:10:00","retention":{"keepRecent":100,"keepTags":[],"keepYoungerThan":null},"timeToLive":null}', NULL, NULL, '\xc12b448074d9ca211be17ac84d03b471ef20dd666bbf0931b50436e2b75930b7', NULL, 4671955807452364418, 0);

INSERT INTO public.verification VALUES (true, NULL, NULL, '-infinity', '', '', NULL, 0, 0, NULL, 0, 0, '[]');

SELECT pg_catalog.setval('public.due_work_work_id_seq', 110, true);

SELECT pg_catalog.setval('public.schema_scripts_schemaversionsid_seq', 4, true);

SELECT pg_catalog.setval('public.session_keys', 65, true);

ALTER TABLE ONLY public.schema_scripts
    ADD CONSTRAINT "PK_schema_scripts_Id" PRIMARY KEY (schemaversionsid);

ALTER TABLE ONLY public.annotations
    ADD CONSTRAINT annotations_pkey PRIMARY KEY (session_key, sequence, "position");

ALTER TABLE ONLY public.checkpoint_tags
    ADD CONSTRAINT checkpoint_tags_pkey PRIMARY KEY (session_key, tag, sequence);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_id UNIQUE (id, session_key);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (session_key, sequence);

ALTER TABLE ONLY public.due_work
    ADD CONSTRAINT due_work_once UNIQUE (kind, session_key);

ALTER TABLE ONLY public.due_work
    ADD CONSTRAINT due_work_pkey PRIMARY KEY (work_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (session_key, "position");

ALTER TABLE ONLY public.removed_ranges
    ADD CONSTRAINT removed_ranges_pkey PRIMARY KEY (session_key, first_sequence, last_sequence);

ALTER TABLE ONLY public.removed_runs
    ADD CONSTRAINT removed_runs_pkey PRIMARY KEY (session_key, first_position);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (session_key, id);

ALTER TABLE ONLY public.schema_level
    ADD CONSTRAINT schema_level_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_name UNIQUE (tenant, session);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.verification
    ADD CONSTRAINT verification_pkey PRIMARY KEY (only_row);

CREATE INDEX due_work_kind_due ON public.due_work USING btree (kind, due_at);

CREATE INDEX requests_at ON public.requests USING btree (at);
