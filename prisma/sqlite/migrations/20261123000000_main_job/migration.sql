-- CreateTable
CREATE TABLE "AuditEvent" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "payload" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "type" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "board" TEXT,
    "session" TEXT
);

-- CreateTable
CREATE TABLE "Board" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL,
    "stateSince" DATETIME NOT NULL,
    "stateReason" TEXT,
    "step" TEXT
);

-- CreateTable
CREATE TABLE "DmaSession" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "board" TEXT NOT NULL,
    "leaseId" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "byteLength" BIGINT NOT NULL,
    "direction" TEXT NOT NULL,
    "options" INTEGER NOT NULL,
    "addressKind" TEXT,
    "pageCount" INTEGER,
    "pages" JSONB,
    "requestedAt" DATETIME NOT NULL,
    "lockedAt" DATETIME,
    "endedAt" DATETIME,
    "endReason" TEXT,
    "failure" JSONB,
    CONSTRAINT "DmaSession_leaseId_fkey" FOREIGN KEY ("leaseId") REFERENCES "Lease" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Transfer" (
    "sessionId" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "byteLength" BIGINT NOT NULL,
    "deviceAddress" TEXT,
    "blockByteLength" BIGINT,
    "bytesCompleted" BIGINT NOT NULL DEFAULT 0,
    "blocksCompleted" BIGINT NOT NULL DEFAULT 0,
    "overruns" INTEGER NOT NULL DEFAULT 0,
    "startedAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "failure" JSONB,

    PRIMARY KEY ("sessionId", "n"),
    CONSTRAINT "Transfer_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "DmaSession" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Lease" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "board" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "endsAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "endReason" TEXT,
    "activeBoard" TEXT
);

-- CreateIndex
CREATE INDEX "AuditEvent_type_seq_idx" ON "AuditEvent"("type", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_board_seq_idx" ON "AuditEvent"("board", "seq");

-- CreateIndex
CREATE INDEX "AuditEvent_session_seq_idx" ON "AuditEvent"("session", "seq");

-- CreateIndex
CREATE INDEX "DmaSession_state_idx" ON "DmaSession"("state");

-- CreateIndex
CREATE INDEX "DmaSession_board_requestedAt_idx" ON "DmaSession"("board", "requestedAt");

-- CreateIndex
CREATE INDEX "DmaSession_owner_requestedAt_idx" ON "DmaSession"("owner", "requestedAt");

-- CreateIndex
CREATE INDEX "DmaSession_leaseId_idx" ON "DmaSession"("leaseId");

-- CreateIndex
CREATE INDEX "Transfer_state_idx" ON "Transfer"("state");

-- CreateIndex
CREATE UNIQUE INDEX "Lease_activeBoard_key" ON "Lease"("activeBoard");

-- CreateIndex
CREATE INDEX "Lease_state_endsAt_idx" ON "Lease"("state", "endsAt");

-- CreateIndex
CREATE INDEX "Lease_board_startedAt_idx" ON "Lease"("board", "startedAt");

