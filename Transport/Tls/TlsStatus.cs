namespace Kameo.Actors.Transport.Tls;

/// <summary>What a step of a TLS session came to.</summary>
internal enum TlsStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>More ciphertext is needed first.</summary>
    WantRead,

    /// <summary>The peer ended the session in order.</summary>
    Closed,

    /// <summary>The session is over; <see cref="TlsSession.FailureReason"/> says why.</summary>
    Failed,
}
