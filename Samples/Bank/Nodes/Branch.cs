using Samples.Bank.Ledgers;

namespace Samples.Bank.Nodes;

/// <summary>What the accounts of one node share. Thread safe.</summary>
/// <param name="Name">The node's name: a letter.</param>
/// <param name="Ledger">The way to the ledger.</param>
internal sealed record Branch(string Name, Ledger Ledger)
{
    private long _resumed;

    /// <summary>Transfers that activations found pending and went on with.</summary>
    public long Resumed => Interlocked.Read(ref _resumed);

    /// <summary>Some more of them.</summary>
    public void CountResumed(int count) => Interlocked.Add(ref _resumed, count);
}
