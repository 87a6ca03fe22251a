namespace Kameo.Actors.Supervision;

/// <summary>What <see cref="OnFailureAttribute"/> says, checked.</summary>
/// <param name="Policy">What to do.</param>
/// <param name="LimitCount">Restarts allowed within <paramref name="Within"/>.</param>
/// <param name="Within">The time in which restarts are counted.</param>
/// <param name="BackOff">How long a stopped actor takes no calls.</param>
internal sealed record FailureTerms(FailurePolicy Policy, int LimitCount, TimeSpan Within, TimeSpan BackOff)
{
    /// <summary>Of a class without the attribute; its limits count where <see cref="Actor.DecideOnFailure"/> decides.</summary>
    public static FailureTerms Default { get; } = Of(new OnFailureAttribute(FailurePolicy.Propagate), typeof(Actor));

    /// <summary>Of a class.</summary>
    /// <exception cref="InvalidOperationException">A number is out of its bounds.</exception>
    public static FailureTerms Of(OnFailureAttribute attribute, Type type)
    {
        if (attribute.LimitCount is < 1 or > OnFailureAttribute.LimitCountMax || !IsTime(attribute.WithinSeconds) || !IsTime(attribute.BackOffSeconds))
        {
            throw new InvalidOperationException(
                $"[OnFailure] of {type}: LimitCount is 1 to {OnFailureAttribute.LimitCountMax}, WithinSeconds and BackOffSeconds are positive and at most {int.MaxValue}.");
        }

        return new FailureTerms(attribute.Policy, attribute.LimitCount, TimeSpan.FromSeconds(attribute.WithinSeconds), TimeSpan.FromSeconds(attribute.BackOffSeconds));

        static bool IsTime(double seconds) => seconds is > 0 and <= int.MaxValue;
    }
}
