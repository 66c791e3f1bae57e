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
    "leafHashes" BLOB
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

-- CreateIndex
CREATE INDEX "AuditEvent_actor_board_seq_idx" ON "AuditEvent"("actor", "board", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

