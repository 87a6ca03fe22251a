namespace Samples.Bank.Ledgers;

/// <summary>The ledger took nothing.</summary>
internal class LedgerException(string message) : Exception(message);

/// <summary>Another activation has written with a higher fence: the writer is no longer the account.</summary>
/// <param name="fence">The writer's.</param>
/// <param name="seen">The ledger's.</param>
internal sealed class FencedOffException(long fence, long seen) : LedgerException($"The ledger has seen fence {seen}; a write with fence {fence} is refused.");
