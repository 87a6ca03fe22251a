using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Every stack. A new one is a class beside this and a line here.</summary>
internal static class Stacks
{
    public static ManagedStack Kameo { get; } = new KameoStack();

    public static ManagedStack Http2 { get; } = new Http2Stack();

    /// <summary>As most programs use it.</summary>
    public static ManagedStack SslStream { get; } = new StreamStack("sslstream", static () => new SslStreamSecurity(PeerKey.Ecdsa));

    /// <summary>As fast as one caller can have it: no hop to the thread pool.</summary>
    public static ManagedStack SslStreamBlocking { get; } = new StreamStack("sslstream-blocking", static () => new SslStreamSecurity(PeerKey.Ecdsa, isBlocking: true));

    /// <summary>Both ends prove who they are, as ours do.</summary>
    public static ManagedStack SslStreamMutual { get; } = new StreamStack("sslstream-mutual", static () => new SslStreamSecurity(PeerKey.Ecdsa, isMutual: true));

    public static ManagedStack SslStreamRsa { get; } = new StreamStack("sslstream-rsa", static () => new SslStreamSecurity(PeerKey.Rsa));

    public static ManagedStack TlsSession { get; } = new StreamStack("tls-session", static () => new TlsSessionSecurity());

    /// <summary>Our session again, with bulk and pings.</summary>
    public static ManagedStack TlsSessionMix { get; } = new StreamStack("tls-session-mix", static () => new TlsSessionSecurity(), isMix: true);

    public static ManagedStack SslStreamMix { get; } = new StreamStack("sslstream-mix", static () => new SslStreamSecurity(PeerKey.Ecdsa, isBlocking: true), isMix: true);

    public static IStack Floor { get; } = new FloorStack();

    /// <summary>Actors in the caller's process, as they are by default.</summary>
    public static ManagedStack Local { get; } = LocalStack.OfActors("local", static _ => { });

    /// <summary>The same, each ask by the mailbox.</summary>
    public static ManagedStack LocalQueued { get; } = LocalStack.OfActors("local-queued", static options => options.InlineLocalAsks = false);

    /// <summary>The same with other mailboxes.</summary>
    public static ManagedStack LocalSmall { get; } = LocalStack.OfActors("local-64", static options => options.MailboxCapacity = 64);

    public static ManagedStack LocalLarge { get; } = LocalStack.OfActors("local-16384", static options => options.MailboxCapacity = 16_384);

    /// <summary>An object called through its interface.</summary>
    public static ManagedStack LocalObject { get; } = LocalStack.OfObjects("object", static () => new PlainAdder());

    /// <summary>A channel with a reader.</summary>
    public static ManagedStack LocalChannel { get; } = LocalStack.OfObjects("channel", static () => new ChannelAdder(16_384));

    /// <summary>Those that are this program in both of their processes.</summary>
    public static IReadOnlyList<ManagedStack> Managed { get; } = [Kameo, Http2, SslStream, SslStreamBlocking, SslStreamMutual, SslStreamRsa, TlsSession, TlsSessionMix, SslStreamMix, Local, LocalQueued, LocalSmall, LocalLarge, LocalObject, LocalChannel];

    /// <summary>The stack of a name.</summary>
    public static ManagedStack? Find(string name) => Managed.FirstOrDefault(stack => stack.Name == name);
}
