using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>What went wrong, in one line.</summary>
internal static class Failure
{
    /// <summary>Why the server could not be connected to.</summary>
    public static string Describe(TransportException exception, PingClientSettings settings) => exception.Reason switch
    {
        CloseReason.WrongPeer => $"Wrong identity: {exception.Message}",
        CloseReason.NotTrusted or CloseReason.RefusedByPeer => settings.Secret is null
            ? $"Refused: {exception.Message} The server may be a closed cluster: give its --secret."
            : $"Refused: wrong secret? {exception.Message}",
        CloseReason.Unreachable => $"No server: {exception.Message}",
        CloseReason.WrongCluster => $"Refused: {exception.Message}",
        _ => $"Cannot connect: {exception.Message}",
    };
}
