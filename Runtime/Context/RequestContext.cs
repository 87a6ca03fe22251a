using Kameo.Actors.Context;

namespace Kameo.Actors;

/// <summary>Values that go with every call made from here, and with the calls that those make: a tenant, a correlation id. Shaped after Orleans 10's.</summary>
/// <remarks>
/// <para>
/// Flows with the asynchronous control flow (an <see cref="AsyncLocal{T}"/>) and, by every ask and tell, into the turn at the callee, local or remote. What the callee changes is
/// seen by its own calls, never by its caller. Nothing else of a caller's flow enters a turn.
/// </para>
/// <para>Values are strings, Booleans, characters, integers of 8 to 64 bits, floating-point numbers, decimals, <see cref="Guid"/>, <see cref="DateTime"/>, <see cref="DateTimeOffset"/> and
/// <see cref="TimeSpan"/>. All of them take <see cref="BytesMax"/> bytes at most.</para>
/// </remarks>
public static class RequestContext
{
    /// <summary>Most bytes that all keys and values of a context take on the wire.</summary>
    public const int BytesMax = 1024;

    private static readonly AsyncLocal<RequestContextValues?> s_current = new();

    /// <summary>Whether a context was ever set or received in this process: until then no call looks for one. Written once, read without order: a flow that sets a context also reads the mark.</summary>
    private static bool s_isUsed;

    /// <summary>The keys that are set here.</summary>
    public static IEnumerable<string> Keys => Entries.Select(static entry => entry.Key);

    /// <summary>What is set here: a snapshot.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Current?.Entries ?? [];

    /// <summary>The call chain that may enter its actors again (<see cref="AllowCallChainReentrancy"/>); empty for none.</summary>
    public static Guid ReentrancyId => Current?.ReentrancyId ?? Guid.Empty;

    internal static RequestContextValues? Current => s_isUsed ? s_current.Value : null;

    /// <summary>The value of a key.</summary>
    /// <returns>Null if it is not set.</returns>
    public static object? Get(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Current?.Find(key);
    }

    /// <summary>Sets a key for this flow, from here on.</summary>
    /// <exception cref="ArgumentException">The value is of a type that does not travel, or the context would be larger than <see cref="BytesMax"/>; it stays as it was.</exception>
    public static void Set(string key, object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        Enter((Current ?? RequestContextValues.Empty).With(key, value));
    }

    /// <summary>Removes a key from this flow, from here on.</summary>
    /// <returns>Whether it was set.</returns>
    public static bool Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Current is not { } current || current.Find(key) is null)
        {
            return false;
        }

        Enter(current.Without(key));
        return true;
    }

    /// <summary>Removes everything from this flow, from here on.</summary>
    public static void Clear()
    {
        if (Current is not null)
        {
            Enter(null);
        }
    }

    /// <summary>Until it is disposed, calls made from here may come back to this actor, through whichever actors they pass, and run while it waits for them: without it such a call waits for the turn that waits for it, and fails with <see cref="ActorDeadlockException"/>.</summary>
    /// <remarks>As in Orleans 10. Other callers still wait. What is said goes with the request context, so each actor on the way that says it too is open to the same chain. Ends with the turn at the latest.</remarks>
    public static ReentrancySection AllowCallChainReentrancy() => new(ReentrancyId is var id && id != Guid.Empty ? id : Guid.NewGuid());

    /// <summary>Until it is disposed, calls made from here belong to no chain: what comes back by them waits.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(Guid.Empty);

    internal static void Enter(RequestContextValues? values)
    {
        s_isUsed = true;
        s_current.Value = values is { IsEmpty: true } ? null : values;
    }
}
