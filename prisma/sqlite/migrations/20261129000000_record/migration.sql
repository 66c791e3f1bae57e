-- AlterTable
ALTER TABLE "AuditEvent" ADD COLUMN "leafHash" BLOB;

-- CreateTable
CREATE TABLE "AuditTree" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "size" INTEGER NOT NULL,
    "frontier" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "AuditSegment" (
    "index" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "root" BLOB NOT NULL,
    "leafHashes" BLOB,
    "earliest" DATETIME,
    "latest" DATETIME
);

-- CreateTable
CREATE TABLE "AuditCheckpoint" (
    "size" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "note" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "AuditKey" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "key" TEXT NOT NULL,
    "since" DATETIME NOT NULL,
    "statement" TEXT
);

-- CreateTable
CREATE TABLE "AuditPart" (
    "seq" INTEGER NOT NULL,
    "n" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "of" TEXT,
    "salt" BLOB NOT NULL,
    "text" TEXT NOT NULL,

    PRIMARY KEY ("seq", "n")
);

-- CreateIndex
CREATE UNIQUE INDEX "AuditKey_key_key" ON "AuditKey"("key");

-- CreateIndex
CREATE INDEX "AuditPart_of_idx" ON "AuditPart"("of");

-- DropIndex
DROP INDEX "AuditEvent_board_seq_idx";

-- DropIndex
DROP INDEX "AuditEvent_session_seq_idx";

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

-- CreateIndex
CREATE INDEX "AuditEvent_actor_type_seq_idx" ON "AuditEvent"("actor", "type", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_board_type_seq_idx" ON "AuditEvent"("board", "type", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_actor_board_type_seq_idx" ON "AuditEvent"("actor", "board", "type", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_session_type_seq_actor_board_idx" ON "AuditEvent"("session", "type", "seq", "actor", "board");

-- CreateIndex
CREATE INDEX "DmaSession_search_idx" ON "DmaSession"("id", "owner", "board", "state", "endReason", "requestedAt", "lockedAt", "endedAt", "label");

-- CreateIndex
CREATE INDEX "Transfer_endedAt_idx" ON "Transfer"("endedAt");
