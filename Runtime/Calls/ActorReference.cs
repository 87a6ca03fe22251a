using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Catalog;
using Kameo.Actors.Filters;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Requests;
using Orleans.Runtime;

namespace Kameo.Actors.Calls;

/// <summary>Base of every generated reference: what <c>node.Get&lt;IPing&gt;("a")</c> returns. Thread safe; cheap to make and to keep.</summary>
/// <remarks>Hop 1. Two references are equal if they are of the same interface and stand for the same actor, whichever node they are of.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract partial class ActorReference : IAddressable, IEquatable<ActorReference>
{
    private readonly ActorNode _node;
    private readonly ActorInterface _interface;
    private readonly ActorKey _key;
    private readonly string? _className;

    /// <summary>Written by any caller, read by any; a stale one is noticed by its hosts.</summary>
    private volatile ActorRoute? _route;

    /// <summary>Called by generated code.</summary>
    /// <param name="seed">Who calls whom.</param>
    protected ActorReference(ActorReferenceSeed seed)
    {
        _node = seed.Node ?? throw new ArgumentException("A reference comes from a node: IActors.Get.", nameof(seed));
        _interface = seed.Interface;
        _key = seed.Key;
        _className = seed.ClassName;
        Terms = seed.Terms;
    }

    /// <summary>On what terms it calls; null: the usual ones.</summary>
    internal ReferenceTerms? Terms { get; }

    internal ActorNode Node => _node;

    internal ActorInterface Interface => _interface;

    internal ActorKey Key => _key;

    /// <summary>The class of its actor as far as it is known now: said when the reference was made, or the only one that has the interface.</summary>
    internal string? KnownClassName => _className ?? (_node.Hosts.Current.ClassesOf(_interface.Name) is [var only] ? only : null);

    /// <inheritdoc/>
    public bool Equals(ActorReference? other) =>
        other is not null && _interface.Type == other._interface.Type && _key == other._key && (_className == other._className || KnownClassName == other.KnownClassName);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ActorReference);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_interface.Name, _key);

    /// <summary>For people: interface and key.</summary>
    public override string ToString() => $"{_interface.Name}/{_key}";

    /// <summary>Sends an ask and gives its result. Hop 1.</summary>
    protected ValueTask<TResult> Ask<TResult>(ActorCall<TResult> call, CancellationToken cancellation = default) =>
        Terms is { IsDirect: false } terms ? AskOtherwise(terms, call, cancellation) : Send(call, cancellation);

    /// <summary>Sends an ask of a method without result.</summary>
    protected ValueTask Ask(VoidActorCall call, CancellationToken cancellation = default) =>
        Terms is { IsDirect: false } terms ? AskOtherwise(terms, call, cancellation) : Send(call, cancellation);

    /// <summary>Sends a tell; completes when the ring or the mailbox has it.</summary>
    protected ValueTask Tell(ActorCall call, CancellationToken cancellation = default) => SendTell(call, cancellation);

    /// <summary>Sends a tell that nobody waits for, not even for its sending: a method that returns <see langword="void"/>.</summary>
    protected void Post(ActorCall call, CancellationToken cancellation = default)
    {
        ValueTask sent = SendTell(call, cancellation);
        if (!sent.IsCompletedSuccessfully)
        {
            _ = CountIfLostAsync(sent);
        }
    }

    /// <summary>A reference to the same actor that calls on other terms.</summary>
    internal ActorReference On(ReferenceTerms terms)
    {
        ActorReference made = _interface.CreateReference(new ActorReferenceSeed(_node, _interface, _key, _className, terms));
        made._route = _route;
        return made;
    }

    internal ValueTask<TResult> Send<TResult>(ActorCall<TResult> call, CancellationToken cancellation) =>
        _node.OutgoingFilters is null ? AskNow(call, cancellation) : OutgoingCallContext.AskAsync<TResult>(call, this, cancellation);

    internal ValueTask Send(VoidActorCall call, CancellationToken cancellation) =>
        _node.OutgoingFilters is null ? AskNow(call, cancellation) : OutgoingCallContext.RunAsync(call, this, cancellation);

    internal ValueTask SendTell(ActorCall call, CancellationToken cancellation = default)
    {
        call.IsTell = true;
        if (Terms is { IsDirect: false } terms)
        {
            return terms.Capture is null ? _node.Delayed.TellAsync(this, terms, call, cancellation) : Captured(terms, call);
        }

        return _node.OutgoingFilters is null ? SendTellNow(call, cancellation) : OutgoingCallContext.RunAsync(call, this, cancellation);
    }

    internal ValueTask<TResult> AskNow<TResult>(ActorCall<TResult> call, CancellationToken cancellation)
    {
        call.HeldBy(1);
        var task = new ValueTask<TResult>(call, call.Version);
        _node.Sender.Ask(this, call, cancellation);
        return task;
    }

    internal ValueTask AskNow(VoidActorCall call, CancellationToken cancellation)
    {
        call.HeldBy(1);
        var task = new ValueTask(call, call.Version);
        _node.Sender.Ask(this, call, cancellation);
        return task;
    }

    internal ValueTask SendTellNow(ActorCall call, CancellationToken cancellation)
    {
        call.HeldBy(1);
        call.IsTell = true;
        return _node.Sender.Tell(this, call, cancellation);
    }

    private static ValueTask Captured(ReferenceTerms terms, ActorCall call)
    {
        terms.Capture!(call);
        return default;
    }

    private ValueTask<TResult> AskOtherwise<TResult>(ReferenceTerms terms, ActorCall<TResult> call, CancellationToken cancellation)
    {
        if (terms.Capture is null)
        {
            return _node.Delayed.AskAsync(this, terms, call, cancellation);
        }

        terms.Capture(call);
        return default;
    }

    private ValueTask AskOtherwise(ReferenceTerms terms, VoidActorCall call, CancellationToken cancellation) =>
        terms.Capture is null ? _node.Delayed.AskAsync(this, terms, call, cancellation) : Captured(terms, call);

    [SuppressMessage("Design", "CA1031", Justification = "Nobody is there to be told; it is counted.")]
    private async Task CountIfLostAsync(ValueTask sent)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (Exception)
        {
            _node.CountLostTell(FaultCode.Unreachable);
        }
    }

    /// <summary>Hop 3: where the actor is now.</summary>
    /// <returns>Null when nobody known hosts a class with this interface.</returns>
    /// <exception cref="InvalidOperationException">Several classes have the interface.</exception>
    internal ActorRoute? FindRoute()
    {
        Hosts hosts = _node.Hosts.Current;
        ActorRoute? route = _route;
        if (route is null || !ReferenceEquals(route.Hosts, hosts))
        {
            route = _className is null ? ActorRoute.Find(hosts, _interface, _key, route) : ActorRoute.Find(hosts, new ActorId(_className, _key));
            _route = route;
        }

        return route;
    }

    internal ActorId ResolveId() => _className is not null
        ? new ActorId(_className, _key)
        : FindRoute()?.Id ?? throw new InvalidOperationException($"No node that is known hosts a class with the interface {_interface.Name} yet.");
}
