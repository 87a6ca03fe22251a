namespace Samples.Bank.Show;

/// <summary>What the command line asked for.</summary>
internal sealed record ShowSettings
{
    /// <summary>The money that an account is opened with.</summary>
    public const long OpeningBalance = 1000;

    /// <summary>How many accounts.</summary>
    public required int Accounts { get; init; }

    /// <summary>How many transfers are ordered a second.</summary>
    public required int Rate { get; init; }

    /// <summary>For how long transfers are ordered.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>When a node is killed; zero: never.</summary>
    public required TimeSpan KillAt { get; init; }

    /// <summary>When it is started again.</summary>
    public required TimeSpan RestartAt { get; init; }

    /// <summary>The ledger's directory; null: a temporary one.</summary>
    public string? Ledger { get; init; }

    /// <summary>Whether to log to standard error.</summary>
    public bool Verbose { get; init; }

    /// <summary>What all accounts together hold, from first to last.</summary>
    public long Expected => Accounts * OpeningBalance;
}
