using Orleans;

namespace Kameo.Actors.Tests.Calls;

public interface ITraveller : IGrainWithStringKey
{
    Task Throw(ThrownKind kind);

    IAsyncEnumerable<int> ThrowBehindItems(ThrownKind kind);

    Task Pass(string to, ThrownKind kind);

    Task AskAlong(string[] way, ThrownKind kind);
}

public enum ThrownKind
{
    Overdrawn,
    MakesItsMessage,
    Nested,
    UnmarkedChild,
    CannotBeRead,
    CannotBeMade,
    TooLong,
    LongCauses,
    TenCauses,
    ToText,
}

/// <summary>Members by constructor and by initialiser, message and inner exception.</summary>
[Travels]
public class OverdrawnException(string message, decimal missing, Exception? inner = null) : Exception(message, inner)
{
    public decimal Missing => missing;

    public List<string> Hints { get; init; } = [];
}

/// <summary>One that derives from one that travels, and does not say so itself.</summary>
public sealed class UnmarkedChildException(string message) : OverdrawnException(message, 1);

[Travels]
public sealed class NothingThereException(int place) : KeyNotFoundException($"nothing at {place}")
{
    public int Place => place;
}

/// <summary>Its own code fails on the way out, or on the way in.</summary>
[Travels]
public sealed class AwkwardException : Exception
{
    public AwkwardException(int code)
        : base("awkward")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(code);
        Code = code;
    }

    public int Code { get; set; }

    public string Text
    {
        get => Code == 1 ? throw new InvalidOperationException("not now") : "text";
        set => _ = value;
    }
}

/// <summary>All that is asked of it fails.</summary>
public sealed class MuteException : Exception
{
    public override string Message => throw new InvalidOperationException("no message");
}

public sealed class TravellerActor : Actor, ITraveller
{
    public Task Throw(ThrownKind kind) => throw Make(kind);

    public async IAsyncEnumerable<int> ThrowBehindItems(ThrownKind kind)
    {
        yield return 1;
        await Task.Yield();
        throw Make(kind);
    }

    public Task Pass(string to, ThrownKind kind) => Forward(Actors.Get<ITraveller>(to).Throw(kind));

    public async Task AskAlong(string[] way, ThrownKind kind)
    {
        ITraveller next = Actors.Get<ITraveller>(way[0]);
        await (way.Length == 1 ? next.Throw(kind) : next.AskAlong(way[1..], kind));
    }

    private static Exception Make(ThrownKind kind) => kind switch
    {
        ThrownKind.Overdrawn => new OverdrawnException("short", 12.5m) { Hints = ["pay in", "wait"] },
        ThrownKind.MakesItsMessage => new NothingThereException(7),
        ThrownKind.Nested => new InvalidOperationException("outer", new OverdrawnException("middle", 3, new UnmarkedChildException("inmost"))),
        ThrownKind.UnmarkedChild => new UnmarkedChildException("child"),
        ThrownKind.CannotBeRead => new AwkwardException(1),
        ThrownKind.CannotBeMade => new AwkwardException(0) { Code = -1 },
        ThrownKind.TooLong => new OverdrawnException("long", 1) { Hints = [new string('x', 9_000)] },
        ThrownKind.LongCauses => new OverdrawnException(new string('m', 2_000), 1, Caused(4, 100_000)) { Hints = [new string('x', 5_000)] },
        ThrownKind.TenCauses => Caused(10, 10),
        _ => new MuteException(),
    };

    private static InvalidOperationException Caused(int causes, int textLength) =>
        new($"{causes}" + new string('\u20ac', textLength), causes == 0 ? null : Caused(causes - 1, textLength));
}
