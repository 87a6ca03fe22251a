using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Control;

/// <summary>What a control connection tells; on the loop's thread.</summary>
internal interface IControlOwner
{
    /// <summary>The hello that this node says now.</summary>
    Hello MakeHello();

    /// <summary>Both hellos were read.</summary>
    void OnUp(ControlConnection connection);

    /// <summary>A frame arrived, after hello.</summary>
    void OnFrame(ControlConnection connection, ControlKind kind, ReadOnlySpan<byte> payload);

    /// <summary>It is over; called once, never from within a call of the owner into the connection.</summary>
    void OnEnded(ControlConnection connection);
}
