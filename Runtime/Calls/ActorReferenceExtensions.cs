using Kameo.Actors.Calls;
using Orleans.Runtime;

namespace Kameo.Actors;

/// <summary>References that call on other terms: the same actor, the same interface. Each is a new small object that may be kept; the reference it was made from stays as it is.</summary>
/// <remarks>
/// <para>They can be combined in any order, and with <c>Tell()</c>. Terms belong to the reference, not to the actor: they do not travel, and references that differ in them are equal.</para>
/// <para>An object that is no reference, such as a test's fake, is given back as it is.</para>
/// </remarks>
/// <example>
/// <code>
/// Pong pong = await actor.WithTimeout(TimeSpan.FromSeconds(2)).Ping(new Ping(1));
/// ValueTask sent = actor.After(TimeSpan.FromMinutes(1), cancellation).Tell().Remind();
/// </code>
/// </example>
public static class ActorReferenceExtensions
{
    /// <summary>Longest time-out and delay: about 24 days.</summary>
    public static readonly TimeSpan SpanMax = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>Asks made through it may take that long, whatever their methods and the node say; tells may wait that long to be sent. Within a turn never longer than the turn has.</summary>
    /// <param name="actor">A reference.</param>
    /// <param name="timeout">Positive, at most <see cref="SpanMax"/>: no ask waits for ever.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is out of its bounds.</exception>
    public static T WithTimeout<T>(this T actor, TimeSpan timeout)
        where T : class, IAddressable
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, SpanMax);
        return actor is ActorReference reference ? (T)(object)reference.On((reference.Terms ?? new ReferenceTerms()) with { Timeout = timeout }) : actor;
    }

    /// <summary>Calls made through it are sent after a delay. An ask completes with its answer, its time-out counted from when it is sent; a tell completes when it was sent.</summary>
    /// <remarks>
    /// Arguments, request context and trace are those of the moment of the call. The delay is the node's time; it is not kept beyond the node: when the node stops, what was not sent fails. Bound:
    /// <see cref="ActorNodeOptions.DelayedCallsMax"/>. Calls of the same delay are sent in no certain order.
    /// </remarks>
    /// <param name="actor">A reference.</param>
    /// <param name="delay">From the call to its sending. Not negative, at most <see cref="SpanMax"/>.</param>
    /// <param name="recall">Takes back what was not sent yet: it fails with <see cref="OperationCanceledException"/>. Once sent, a call is its own: that ends by the token among its arguments.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is out of its bounds.</exception>
    public static T After<T>(this T actor, TimeSpan delay, CancellationToken recall = default)
        where T : class, IAddressable
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, SpanMax);
        return actor is ActorReference reference ? (T)(object)reference.On((reference.Terms ?? new ReferenceTerms()) with { Delay = delay, Recall = recall }) : actor;
    }
}
