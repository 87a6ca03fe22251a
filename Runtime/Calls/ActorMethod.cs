using System.ComponentModel;
using Kameo.Actors.Catalog;
using Kameo.Actors.Routing;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>One method of an actor interface: its wire id, what its attributes say, and how to make its call object. Immutable once its interface is made.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ActorMethod
{
    private ActorInterface? _interface;
    private string? _fullName;

    /// <summary>Describes a method; called by generated code.</summary>
    /// <param name="name">The method's name, for people.</param>
    /// <param name="id">A stable hash of name and signature, distinct within the interface.</param>
    /// <param name="options">What its attributes say.</param>
    /// <param name="rent">Takes a call object of this method from its pool.</param>
    /// <param name="askTimeout">The time-out of <see cref="AskTimeoutAttribute"/>, or null for the node's default.</param>
    /// <param name="inbound">How a usual request of it runs without a call object; null: it has one in any case.</param>
    public ActorMethod(string name, uint id, ActorMethodOptions options, Func<ActorCall> rent, TimeSpan? askTimeout = null, InboundForm? inbound = null)
    {
        Inbound = inbound;
        Name = name;
        Id = id;
        Options = options;
        Rent = rent;
        AskTimeout = askTimeout;
    }

    /// <summary>The method's name.</summary>
    public string Name { get; }

    /// <summary>The stable hash of name and signature.</summary>
    public uint Id { get; }

    /// <summary>What its attributes say.</summary>
    public ActorMethodOptions Options { get; }

    /// <summary>The time-out of <see cref="AskTimeoutAttribute"/>, if any.</summary>
    public TimeSpan? AskTimeout { get; }

    /// <summary>The interface it belongs to.</summary>
    public ActorInterface Interface => _interface ?? throw new InvalidOperationException($"The method {Name} belongs to no interface yet.");

    internal Func<ActorCall> Rent { get; }

    /// <summary>How a usual request of it runs without a call object; null: it has one in any case.</summary>
    internal InboundForm? Inbound { get; }

    /// <summary>The id on the wire: space, schema hash of the interface, method id, interface name. Made at its first use.</summary>
    internal OutboundMethod Outbound => field ??= new OutboundMethod(MethodId.Encode(this));

    /// <summary>Whether it belongs to an interface: a call of a user, and not one that a node makes by itself.</summary>
    internal bool HasInterface => _interface is not null;

    /// <summary>Whether it has been short.</summary>
    internal MethodPace Pace { get; } = new();

    /// <summary>The class of its calls: asked for where a call is forwarded only.</summary>
    internal Type CallType => field ??= Rent().GetType();

    internal void BindTo(ActorInterface @interface)
    {
        _interface = @interface;
        _fullName = null;
    }

    /// <summary>The interface and the method, as in <c>Samples.IPing.Ping</c>.</summary>
    public override string ToString() => _fullName ??= _interface is null ? Name : $"{_interface.Name}.{Name}";
}
