--> statement-breakpoint
ALTER TABLE "checks" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "alerts" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "told" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "posted_alerts" SET (fillfactor = 80);
