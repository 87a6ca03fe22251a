namespace Kameo.Actors.Slots;

/// <summary>Why a request was refused. It did not run, and will not.</summary>
internal enum Refusal : byte
{
    /// <summary>It was passed on too often.</summary>
    TooManyHops,

    /// <summary>Its deadline passed while its slot moved.</summary>
    Expired,

    /// <summary>Nobody hosts the class.</summary>
    NoHost,

    /// <summary>Too much is held while slots move.</summary>
    Overloaded,

    /// <summary>This node's life is over, or the one that sent it was evicted.</summary>
    NotServing,
}
