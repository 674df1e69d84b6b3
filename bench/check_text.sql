-- What people write today: a text column whose check constraint calls a
-- PL/pgSQL function that computes the check characters in a loop.
create schema bench;

create function bench.is_credit_code(c text) returns boolean
language plpgsql immutable strict parallel safe as $$
declare
	letters constant text := '0123456789ABCDEFGHJKLMNPQRTUWXY';
	body_letters constant text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
	power constant int[] := '{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}';
	weight constant int[] := '{3,7,9,10,5,8,4,2}';
	citizen_weight constant int[] := '{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}';
	total int := 0;
	place int;
begin
	if c !~ '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' then
		return false;
	end if;
	if c ~ '^[1-8][0-9]{16}[0-9X]$' then
		for i in 1..17 loop
			total := total + citizen_weight[i] * substr(c, i, 1)::int;
		end loop;
		if substr('10X98765432', total % 11 + 1, 1) = substr(c, 18, 1) then
			return true;
		end if;
		total := 0;
	end if;
	for i in 1..8 loop
		total := total + weight[i] * (strpos(body_letters, substr(c, 8 + i, 1)) - 1);
	end loop;
	if substr('0123456789X', (11 - total % 11) % 11 + 1, 1) <> substr(c, 17, 1) then
		return false;
	end if;
	total := 0;
	for i in 1..17 loop
		place := strpos(letters, substr(c, i, 1)) - 1;
		total := total + power[i] * place;
	end loop;
	return substr(letters, (31 - total % 31) % 31 + 1, 1) = substr(c, 18, 1);
end
$$;
