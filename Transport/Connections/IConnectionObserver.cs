namespace Kameo.Actors.Transport.Connections;

/// <summary>What the layer above is told of the connections that carry its requests. None of it may block or throw, nor wait for anybody who sends.</summary>
internal interface IConnectionObserver
{
    /// <summary>Both hellos were read; no request goes over it, and none was received, before this returns. On its receive loop.</summary>
    void OnOpen(Connection connection);

    /// <summary>A message that the other end sent in line with its requests (<see cref="Connection.PutOrdered"/>). On the receive loop, before anything that was sent behind it is looked at.</summary>
    /// <returns>What is wrong with it, which ends the connection; null for nothing.</returns>
    string? OnOrdered(Connection connection, ReadOnlySpan<byte> payload);

    /// <summary>It is over, and what it had on its way is here or lost. Any thread, perhaps one that is sending.</summary>
    void OnClosed(Connection connection);
}
