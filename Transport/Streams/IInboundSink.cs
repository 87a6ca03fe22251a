using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Streams;

/// <summary>Where the chunks of one inbound stream go. The first three members are the receive loop's: they never block and run no user code.</summary>
internal interface IInboundSink
{
    /// <summary>Takes a chunk.</summary>
    /// <returns><see cref="CloseReason.None"/>, or which rule of the protocol the chunk breaks.</returns>
    CloseReason Receive(in Frame frame);

    /// <summary>The sender has ended it, whole.</summary>
    void End();

    /// <summary>It will not be whole: the sender said so, the connection ended, or a limit was met. Any thread; only the first counts.</summary>
    void Fail(Exception reason);

    /// <summary>The node's tick.</summary>
    /// <returns>False when it has waited too long for its sender and has failed.</returns>
    bool Tick(long now);
}
