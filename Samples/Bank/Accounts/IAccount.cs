using Orleans;
using Orleans.Concurrency;

namespace Samples.Bank.Accounts;

/// <summary>An account; its key is its number. Every order has an id and may be given any number of times: it is carried out once.</summary>
public interface IAccount : IGrainWithIntegerKey
{
    /// <summary>Moves money from this account to another one. Completes when it is there; a transfer that failed on the way is ordered again with the same id, or ends by itself.</summary>
    ValueTask<Receipt> Transfer(TransferOrder order);

    /// <summary>Money comes in.</summary>
    ValueTask<Receipt> Deposit(DepositOrder order);

    /// <summary>What the account holds.</summary>
    ValueTask<Statement> Read();
}

/// <summary>A transfer.</summary>
/// <param name="Id">Which one: the same at every attempt.</param>
/// <param name="To">The account that gets the money.</param>
/// <param name="Amount">How much; positive.</param>
[Immutable]
public sealed record TransferOrder(long Id, long To, long Amount);

/// <summary>The other half of a transfer, or with a negative id the money that an account is opened with.</summary>
/// <param name="Id">Of the transfer.</param>
/// <param name="From">The account that the money left.</param>
/// <param name="Amount">How much; positive.</param>
[Immutable]
public sealed record DepositOrder(long Id, long From, long Amount);

/// <summary>That an order is carried out.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Node">The node on which the account lives.</param>
[Immutable]
public sealed record Receipt(Outcome Outcome, string Node);

/// <summary>How an order ended.</summary>
public enum Outcome
{
    /// <summary>The money is where it was to go.</summary>
    Done,

    /// <summary>The account has not so much. Nothing was written.</summary>
    TooPoor,
}

/// <summary>What an account holds.</summary>
/// <param name="Balance">Its money.</param>
/// <param name="Pending">Transfers whose money has left it and is not known to have arrived.</param>
/// <param name="Fence">The fence under which it runs.</param>
/// <param name="Node">The node on which it lives.</param>
[Immutable]
public sealed record Statement(long Balance, int Pending, long Fence, string Node);
