CREATE TABLE "pulses" (
	"part" text PRIMARY KEY NOT NULL,
	"beat_at" timestamp with time zone NOT NULL,
	"back_at" timestamp with time zone
);
