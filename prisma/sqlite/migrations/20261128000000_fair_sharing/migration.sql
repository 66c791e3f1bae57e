-- CreateTable
CREATE TABLE "Booking" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "board" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'booking',
    "owner" TEXT NOT NULL,
    "ownerName" TEXT NOT NULL,
    "start" DATETIME NOT NULL,
    "end" DATETIME NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL,
    "claimBy" DATETIME,
    "series" TEXT,
    "endDetail" TEXT,
    "createdAt" DATETIME NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1
);

-- CreateTable
CREATE TABLE "BookingSlot" (
    "board" TEXT NOT NULL,
    "start" DATETIME NOT NULL,
    "bookingId" TEXT NOT NULL,

    PRIMARY KEY ("board", "start"),
    CONSTRAINT "BookingSlot_bookingId_fkey" FOREIGN KEY ("bookingId") REFERENCES "Booking" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "QueueEntry" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "person" TEXT NOT NULL,
    "personName" TEXT NOT NULL,
    "board" TEXT,
    "tags" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "joinedAt" DATETIME NOT NULL,
    "endReason" TEXT,
    "bookingId" TEXT,
    CONSTRAINT "QueueEntry_bookingId_fkey" FOREIGN KEY ("bookingId") REFERENCES "Booking" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Policy" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "rules" JSONB NOT NULL,
    "version" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "CalendarFeed" (
    "personId" TEXT NOT NULL PRIMARY KEY,
    "secretHash" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Capture" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sessionId" TEXT NOT NULL,
    "board" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "ownerName" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "byteLength" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "takenAt" DATETIME NOT NULL,
    "automatic" BOOLEAN NOT NULL,
    "mayBeTorn" BOOLEAN NOT NULL,
    "bytesCompleted" BIGINT NOT NULL,
    "provenance" JSONB NOT NULL
);

-- CreateTable
CREATE TABLE "LeaseMember" (
    "leaseId" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "login" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "override" TEXT,
    "addedAt" DATETIME NOT NULL,

    PRIMARY KEY ("leaseId", "personId"),
    CONSTRAINT "LeaseMember_leaseId_fkey" FOREIGN KEY ("leaseId") REFERENCES "Lease" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "WebhookCursor" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failingSince" DATETIME,
    "nextAt" DATETIME,
    "lastError" TEXT,
    "lastSuccessAt" DATETIME,
    "passedOver" INTEGER NOT NULL DEFAULT 0
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Board" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL,
    "stateSince" DATETIME NOT NULL,
    "stateReason" TEXT,
    "step" TEXT,
    "dirty" BOOLEAN NOT NULL DEFAULT false
);
INSERT INTO "new_Board" ("id", "state", "stateReason", "stateSince", "step") SELECT "id", "state", "stateReason", "stateSince", "step" FROM "Board";
DROP TABLE "Board";
ALTER TABLE "new_Board" RENAME TO "Board";
CREATE TABLE "new_Lease" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "board" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "holderName" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "endsAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "endReason" TEXT,
    "endDetail" TEXT,
    "bookingId" TEXT,
    "watchable" BOOLEAN NOT NULL DEFAULT false,
    "activeBoard" TEXT,
    CONSTRAINT "Lease_bookingId_fkey" FOREIGN KEY ("bookingId") REFERENCES "Booking" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_Lease" ("activeBoard", "board", "endReason", "endedAt", "endsAt", "holder", "holderName", "id", "startedAt", "state") SELECT "activeBoard", "board", "endReason", "endedAt", "endsAt", "holder", "holderName", "id", "startedAt", "state" FROM "Lease";
DROP TABLE "Lease";
ALTER TABLE "new_Lease" RENAME TO "Lease";
CREATE UNIQUE INDEX "Lease_bookingId_key" ON "Lease"("bookingId");
CREATE UNIQUE INDEX "Lease_activeBoard_key" ON "Lease"("activeBoard");
CREATE INDEX "Lease_state_endsAt_idx" ON "Lease"("state", "endsAt");
CREATE INDEX "Lease_board_startedAt_idx" ON "Lease"("board", "startedAt");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "Booking_board_start_idx" ON "Booking"("board", "start");

-- CreateIndex
CREATE INDEX "Booking_owner_start_idx" ON "Booking"("owner", "start");

-- CreateIndex
CREATE INDEX "Booking_state_start_idx" ON "Booking"("state", "start");

-- CreateIndex
CREATE INDEX "Booking_series_idx" ON "Booking"("series");

-- CreateIndex
CREATE INDEX "BookingSlot_bookingId_idx" ON "BookingSlot"("bookingId");

-- CreateIndex
CREATE UNIQUE INDEX "QueueEntry_bookingId_key" ON "QueueEntry"("bookingId");

-- CreateIndex
CREATE INDEX "QueueEntry_state_id_idx" ON "QueueEntry"("state", "id");

-- CreateIndex
CREATE INDEX "QueueEntry_person_state_idx" ON "QueueEntry"("person", "state");

-- CreateIndex
CREATE UNIQUE INDEX "CalendarFeed_secretHash_key" ON "CalendarFeed"("secretHash");

-- CreateIndex
CREATE INDEX "Capture_owner_id_idx" ON "Capture"("owner", "id");

-- CreateIndex
CREATE INDEX "Capture_sessionId_idx" ON "Capture"("sessionId");

