namespace Kameo.Actors;

/// <summary>What becomes of an activation of this class when one of its methods, timers or link notices throws. Without it: <see cref="FailurePolicy.Propagate"/>.</summary>
/// <remarks>
/// <see cref="Actor.DecideOnFailure"/> can decide for each exception. A call that its caller cancelled, and a result that cannot be encoded, are no failures. Restarts are counted by the node, so they
/// outlive the activation; the numbers below are checked when the class is first activated on a node: wrong ones fail its activation.
/// </remarks>
/// <param name="policy">What to do.</param>
/// <example><code>[OnFailure(FailurePolicy.Restart, LimitCount = 3, WithinSeconds = 10)]</code></example>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public sealed class OnFailureAttribute(FailurePolicy policy) : Attribute
{
    /// <summary>Most restarts that may be remembered for one actor: the bound of <see cref="LimitCount"/>.</summary>
    public const int LimitCountMax = 1000;

    /// <summary>What to do.</summary>
    public FailurePolicy Policy => policy;

    /// <summary>How many restarts within <see cref="WithinSeconds"/> are allowed; the next failure stops the actor. 1 to 1,000; default 5 (Kameo's).</summary>
    public int LimitCount { get; set; } = 5;

    /// <summary>The time in which restarts are counted, in seconds: positive; default 5 (Kameo's).</summary>
    public double WithinSeconds { get; set; } = 5;

    /// <summary>How long a stopped actor takes no calls, in seconds: positive; default 30.</summary>
    public double BackOffSeconds { get; set; } = 30;
}
