-- Who may touch which row. Applied after every migration, in the same transaction, and safe to apply again:
-- a table that a migration adds cannot be forgotten, because the first block finds every table by itself.

-- 1. Row security: enabled, and forced so that it binds the owner too. One policy, for reading and for writing.
--    current_setting(..., true) is null or '' when nobody set a tenant: no row is visible then, none can be written.
--    It is a setting and no barrier against SQL injection; statements take parameters only.
do $$
declare
    found record;
    stray record;
    rule constant text := '(tenant = current_setting(''app.tenant''::text, true))';
begin
    for found in
        select c.oid, c.relname
          from pg_class c
          join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
         where c.relnamespace = 'waymark'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'tenant_slug'
           -- a table that is right already is left alone: altering it would lock it on every deployment
           and not (c.relrowsecurity and c.relforcerowsecurity
                    and 1 = (select count(*) from pg_policy p where p.polrelid = c.oid)
                    and exists (select from pg_policy p
                                 where p.polrelid = c.oid and p.polname = 'of_tenant' and p.polcmd = '*'
                                   and p.polpermissive and p.polroles = '{0}'
                                   and pg_get_expr(p.polqual, c.oid) = rule
                                   and pg_get_expr(p.polwithcheck, c.oid) = rule))
    loop
        execute format('alter table waymark.%I enable row level security', found.relname);
        execute format('alter table waymark.%I force row level security', found.relname);
        for stray in select polname from pg_policy where polrelid = found.oid loop
            execute format('drop policy %I on waymark.%I', stray.polname, found.relname);
        end loop;
        execute format(
            'create policy of_tenant on waymark.%I'
            ' using (tenant = current_setting(''app.tenant'', true))'
            ' with check (tenant = current_setting(''app.tenant'', true))', found.relname);
    end loop;
end $$;

-- tenant_slug has no row security on purpose. The relays of inbox and outbox go through one tenant after another and
-- have to learn which there are. It holds public slugs and nothing else; the serving role may only read it.

-- 2. The journal takes rows and never gives one up, not even for the owner of the table. What the law orders to be
--    disposed of at the end of retention is done by a person who disables this trigger, on the record.
create or replace function waymark.journal_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is append-only: % refused', lower(tg_op) using errcode = 'restrict_violation';
end $$;

do $$
begin
    if not exists (select from pg_trigger where tgrelid = 'waymark.journal'::regclass
                      and tgname = 'journal_is_append_only' and tgenabled = 'O') then
        create or replace trigger journal_is_append_only
            before update or delete or truncate on waymark.journal
            for each statement execute function waymark.journal_is_append_only();
        alter table waymark.journal enable trigger journal_is_append_only;
    end if;
end $$;

-- The history of an authority only grows too.
create or replace function waymark.only_grows() returns trigger language plpgsql as $$
begin
    raise exception '% only grows: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
end $$;

do $$
declare
    name text;
begin
    foreach name in array array['tenant_event', 'case_origin', 'case_successor', 'configuration_event', 'relation_event', 'glass_break', 'revoked'] loop
        if not exists (select from pg_trigger where tgrelid = ('waymark.' || name)::regclass
                          and tgname = 'only_grows' and tgenabled = 'O') then
            execute format('create or replace trigger only_grows before update or delete or truncate on waymark.%I'
                           ' for each statement execute function waymark.only_grows()', name);
            execute format('alter table waymark.%I enable trigger only_grows', name);
        end if;
    end loop;
end $$;

-- A case that goes on at another authority gets no step here any more, and an authority that hands over opens none: a worker or a relay
-- that has not heard of it yet must not part a case in two.
create or replace function waymark.goes_on_elsewhere() returns trigger language plpgsql as $$
begin
    if exists (select from waymark.case_successor s where s.tenant = new.tenant and s.case_id = new.case_id) then
        raise exception 'this case goes on at another authority: % refused', lower(tg_op) using errcode = 'restrict_violation';
    end if;
    if new.seq = 1 and exists (select from waymark.tenant t where t.tenant = new.tenant and (t.status = 'closed' or t.successors <> '{}')) then
        raise exception 'this authority opens no case any more: % refused', lower(tg_op) using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

do $$
begin
    if not exists (select from pg_trigger where tgrelid = 'waymark.journal'::regclass
                      and tgname = 'goes_on_elsewhere' and tgenabled = 'O') then
        create or replace trigger goes_on_elsewhere before insert on waymark.journal
            for each row execute function waymark.goes_on_elsewhere();
        alter table waymark.journal enable trigger goes_on_elsewhere;
    end if;
end $$;

-- What is or was in force of a council's configuration never changes, and what was done with it is never forgotten.
create or replace function waymark.configuration_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.status in ('published', 'superseded', 'withdrawn')
       and (new.document, new.digest, new.proof, new.proposed_by, new.approved_by, new.published_by, new.published_at)
           is distinct from (old.document, old.digest, old.proof, old.proposed_by, old.approved_by, old.published_by, old.published_at)
       or old.status = 'superseded' and new.status <> 'superseded' or old.status = 'withdrawn' and new.status <> 'withdrawn'
       or old.status = 'published' and new.status not in ('published', 'superseded')
       or new.status = 'published' and old.status not in ('approved', 'published') then
        raise exception 'this version of a configuration stays as it is: % refused', lower(tg_op) using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

do $$
begin
    if not exists (select from pg_trigger where tgrelid = 'waymark.configuration'::regclass
                      and tgname = 'configuration_stays' and tgenabled = 'O') then
        create or replace trigger configuration_stays before update or delete on waymark.configuration
            for each row execute function waymark.configuration_stays();
        alter table waymark.configuration enable trigger configuration_stays;
    end if;
end $$;

-- Whatever may take somebody's access away wakes those who watch something of that authority: they look again, as they may by then.
-- Only the authority's slug travels. Equal notices of one transaction are one.
create or replace function waymark.access_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('waymark_access', coalesce(new.tenant, old.tenant));
    return null;
end $$;

do $$
declare
    found record;
begin
    for found in select * from (values
        ('revoked', 'insert'), ('relation', 'insert or update or delete'), ('child', 'update of setting_id'),
        ('tenant', 'update of status, successors'), ('case_party', 'delete')) as t (name, occasion)
    loop
        if not exists (select from pg_trigger where tgrelid = ('waymark.' || found.name)::regclass
                          and tgname = 'access_changed' and tgenabled = 'O') then
            execute format('create or replace trigger access_changed after ' || found.occasion || ' on waymark.%I'
                           ' for each row execute function waymark.access_changed()', found.name);
            execute format('alter table waymark.%I enable trigger access_changed', found.name);
        end if;
    end loop;
end $$;

-- Each step is noted, in its own transaction, for each webhook. What the owner writes was told where it came from: an authority that is
-- restored, a case that is handed over.
create or replace function waymark.told_by_webhook() returns trigger language plpgsql as $$
begin
    if current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
        return null;
    end if;
    insert into waymark.webhook_post (tenant, webhook_id, case_id, seq, kind)
    select new.tenant, w.id, new.case_id, new.seq, new.kind
      from waymark.webhook w
     where w.tenant = new.tenant and w.status = 'active'
        on conflict do nothing;
    return null;
end $$;

do $$
begin
    if not exists (select from pg_trigger where tgrelid = 'waymark.journal'::regclass
                      and tgname = 'told_by_webhook' and tgenabled = 'O') then
        create or replace trigger told_by_webhook after insert on waymark.journal
            for each row execute function waymark.told_by_webhook();
        alter table waymark.journal enable trigger told_by_webhook;
    end if;
end $$;

-- 3. Grants: the serving role gets what the code needs and nothing more. Authorities are added by the owner.
revoke all on all tables in schema waymark from public, waymark_app;
revoke all on all functions in schema waymark from public, waymark_app;
grant usage on schema waymark to waymark_app;

grant select on waymark.tenant_slug, waymark.tenant, waymark.tenant_event, waymark.alembic_version to waymark_app;
grant select on waymark.case_origin, waymark.case_successor to waymark_app;
grant update (clock_offset_seconds) on waymark.tenant to waymark_app;
grant select, insert, update on waymark.setting, waymark.person, waymark.child to waymark_app;
grant select, insert, delete on waymark.setting_term to waymark_app;
grant select, insert on waymark.overlay to waymark_app; -- for ever: cases are pinned to them
grant select, insert, update on waymark.configuration to waymark_app;
grant select, insert on waymark.configuration_event to waymark_app;
grant select, insert, delete on waymark.configuration_case to waymark_app; -- worked out anew when it is asked for
grant select, insert on waymark.relation to waymark_app;
grant update (ends_on) on waymark.relation to waymark_app;
grant select, insert on waymark.relation_event, waymark.glass_break to waymark_app; -- for ever: who said how somebody stands to a child
grant select, insert, update on waymark.case_file to waymark_app;
grant select, insert, delete on waymark.case_party to waymark_app;
grant select, insert on waymark.journal to waymark_app;
grant select, insert on waymark.inbox to waymark_app;
grant update (status, attempts, last_error) on waymark.inbox to waymark_app;
grant select, insert on waymark.outbox to waymark_app;
grant update (status, attempts, not_before, last_error, done_at) on waymark.outbox to waymark_app;
grant select, insert on waymark.letter to waymark_app;
grant select, insert on waymark.mediator, waymark.local_provision, waymark.plan_provision to waymark_app;
grant update (delivered_to) on waymark.letter to waymark_app;
grant select, insert on waymark.inclusion_plan, waymark.inclusion_place, waymark.tailored_list, waymark.preference_order to waymark_app;
grant select, insert on waymark.preference, waymark.place_round, waymark.place_offer, waymark.reservation to waymark_app;
grant select, insert, delete on waymark.place_ground to waymark_app;
grant select, insert on waymark.place_capacity to waymark_app;
grant update (version, places, as_of, told_by) on waymark.place_capacity to waymark_app;
grant update (status, ended_at, ended_by, told_how) on waymark.reservation to waymark_app;
grant select, insert on waymark.flag, waymark.revision, waymark.revision_case to waymark_app;
grant update (status, revision, approved_by, approved_at) on waymark.flag to waymark_app; -- what was proposed stays as it was approved
grant select, insert on waymark.flag_event, waymark.consent to waymark_app; -- for ever: who did what, and what families said
grant select, insert, update on waymark.enrolment to waymark_app;
grant update (status, not_before, finished_at) on waymark.revision to waymark_app;
grant update (status, reason, attempts) on waymark.revision_case to waymark_app;
grant select, insert on waymark.revoked to waymark_app; -- for ever: a sign-in that was ended stays ended
grant select, insert on waymark.webhook_host, waymark.webhook to waymark_app;
grant update (status, told_at, failing_since, last_error) on waymark.webhook to waymark_app;
grant select, insert, delete on waymark.webhook_post to waymark_app;
grant update (attempts, not_before) on waymark.webhook_post to waymark_app;
