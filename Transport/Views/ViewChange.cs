namespace Kameo.Actors.Transport.Views;

/// <summary>The step from one view to the next: what a log entry holds of it.</summary>
internal sealed record ViewChange
{
    /// <summary>Newcomers, in the order of the join indexes that they get. Their own <see cref="Member.JoinIndex"/> is not read.</summary>
    public IReadOnlyList<Member> Admitted { get; init; } = [];

    /// <summary>Members that own slots from now on.</summary>
    public IReadOnlyList<MemberId> Raised { get; init; } = [];

    /// <summary>Members that own nothing from now on and hand off.</summary>
    public IReadOnlyList<MemberId> Leaving { get; init; } = [];

    /// <summary>Members that are gone.</summary>
    public IReadOnlyList<Departure> Removed { get; init; } = [];

    /// <summary>The stewards from now on, by joint consensus with those before; null if they stay.</summary>
    public IReadOnlyList<MemberId>? Stewards { get; init; }

    /// <summary>Whether it changes nothing.</summary>
    public bool IsEmpty => Admitted.Count == 0 && Raised.Count == 0 && Leaving.Count == 0 && Removed.Count == 0 && Stewards is null;

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> parts = [];
        parts.AddRange(Admitted.Select(static one => $"+{one.Id}"));
        parts.AddRange(Raised.Select(static one => $"up {one}"));
        parts.AddRange(Leaving.Select(static one => $"leaving {one}"));
        parts.AddRange(Removed.Select(static one => $"-{one.Id} {one.Cause}"));
        if (Stewards is not null)
        {
            parts.Add($"stewards {string.Join(' ', Stewards)}");
        }

        return string.Join(", ", parts);
    }
}
