namespace Samples.Bank.Show;

/// <summary>What the display shows at one moment.</summary>
internal sealed record Scene
{
    /// <summary>Time since the start.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>What goes on.</summary>
    public required string Phase { get; init; }

    /// <summary>The epoch of the view that the teller follows.</summary>
    public required long Epoch { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<NodeScene> Nodes { get; init; }

    /// <summary>Which node each account answered from last; null for none yet.</summary>
    public required IReadOnlyList<string?> Owners { get; init; }

    /// <summary>Transfers done.</summary>
    public required long Done { get; init; }

    /// <summary>Transfers done in each of the last half-seconds, as a rate a second, oldest first.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    /// <summary>Transfers under way.</summary>
    public required int InFlight { get; init; }

    /// <summary>Those that wait for an account to have a node again.</summary>
    public required int Held { get; init; }

    /// <summary>Attempts that failed and were made again.</summary>
    public required long Retried { get; init; }

    /// <summary>Transfers for which there was too little money.</summary>
    public required long TooPoor { get; init; }

    /// <summary>What the accounts hold by the ledger.</summary>
    public required long Balances { get; init; }

    /// <summary>What is between accounts by the ledger.</summary>
    public required long InTransit { get; init; }

    /// <summary>What both must come to.</summary>
    public required long Expected { get; init; }

    /// <summary>Times that an account was taken over by another node.</summary>
    public required long Takeovers { get; init; }
}

/// <summary>A node at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is.</param>
/// <param name="Accounts">Accounts in its memory.</param>
/// <param name="Resumed">Transfers that it found pending and went on with.</param>
/// <param name="Refused">Writes of it that the ledger refused for their fence.</param>
internal sealed record NodeScene(string Name, string State, int Accounts, long Resumed, long Refused);
