using Kameo.Actors.Transport.Registry.Logs;

namespace Kameo.Actors.Transport.Registry;

/// <content>What users of this node do: register, look up, watch, wait; and the clients that do so through it.</content>
internal sealed partial class RegistryCore
{
    /// <summary>Registers a name. That somebody else has it is no obstacle: a name is not a lock, look-ups find the older claim, and who loses is told.</summary>
    /// <param name="now">The time.</param>
    /// <param name="name">The name, in use once on this node.</param>
    /// <param name="kind">What answers under it; opaque here.</param>
    /// <param name="priority">How soon it and later changes of it are told.</param>
    /// <param name="metadata">Copied.</param>
    /// <param name="client">The attached client it is for; the default value for this node itself.</param>
    public RegisterResult Register(TimeSpan now, string name, byte kind, RegistrationPriority priority, ReadOnlyMemory<byte> metadata = default, PeerId client = default)
    {
        if (!client.IsDefault && !_peers.IsAttached(client))
        {
            return new RegisterResult(RegisterOutcome.UnknownClient);
        }

        ulong before = Version;
        RegisterOutcome outcome = _table.Own.Add(name, kind, priority, metadata, client);
        return Finish(now, outcome, before, null, name, priority);
    }

    /// <summary>Gives a name of this node other metadata.</summary>
    public RegisterResult Change(TimeSpan now, string name, ReadOnlyMemory<byte> metadata)
    {
        ulong before = Version;
        RegistryEntry? former = _table.Own.Find(name);
        RegisterOutcome outcome = _table.Own.Change(name, metadata);
        return Finish(now, outcome, before, former, name, former?.Priority ?? RegistrationPriority.Normal);
    }

    /// <summary>Takes a name of this node back.</summary>
    /// <param name="now">The time.</param>
    /// <param name="name">The name.</param>
    /// <param name="priority">How soon that is told.</param>
    public RegisterResult Unregister(TimeSpan now, string name, RegistrationPriority priority)
    {
        ulong before = Version;
        RegistryEntry? former = _table.Own.Find(name);
        RegisterOutcome outcome = _table.Own.Remove(name);
        return Finish(now, outcome, before, former, name, priority);
    }

    /// <summary>What this node wrote under a name, for itself or for a client; null if nothing.</summary>
    public RegistryEntry? FindOwn(string name) => _table.Own.Find(name);

    /// <summary>Who has a name: of all members that claim it the one of the lowest join index. Null when nobody does.</summary>
    public Registration? Find(string name) => _table.Claims.First(name) is { } claim ? ToRegistration(claim) : null;

    /// <summary>All who claim a name, the one that has it first.</summary>
    public IReadOnlyList<Registration> FindAll(string name) => [.. _table.Claims.All(name).Select(ToRegistration)];

    /// <summary>All registrations whose name begins so, conflicting ones included. Made anew at each call; as large as the registry is.</summary>
    public IReadOnlyList<Registration> Snapshot(string prefix = "") =>
        [.. _table.Claims.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(_table.Claims.All).Select(ToRegistration)];

    /// <summary>Begins to watch a name, or all names that begin so. What is registered already is told as added.</summary>
    /// <returns>The watch's number, from 1; 0 when there are as many as allowed.</returns>
    public int Watch(string pattern, bool isPrefix)
    {
        int id = _watches.Add(pattern, isPrefix);
        if (id == 0)
        {
            Counters.RefusedByLimit++;
            return 0;
        }

        foreach (Registration registration in isPrefix ? Snapshot(pattern) : FindAll(pattern))
        {
            _outbox.Raise(new RegistryEvent(RegistryEventKind.Added, id, registration));
        }

        return id;
    }

    /// <summary>Ends a watch. Events of it that were raised before may still be taken.</summary>
    public void Unwatch(int id) => _watches.Remove(id);

    /// <summary>Waits until every member of the view, whoever that is by then, has acknowledged a version of this node's names.</summary>
    /// <param name="now">The time.</param>
    /// <param name="version">What a change answered, or <see cref="Version"/>.</param>
    /// <param name="deadline">When the wait ends unfulfilled.</param>
    /// <returns>The wait's number, from 1; 0 when there are as many as allowed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">That version was not written yet.</exception>
    public int WaitVisible(TimeSpan now, ulong version, TimeSpan deadline) => _waits.Add(now, version, deadline);

    /// <summary>Gives a wait up.</summary>
    public void CancelWait(int id) => _waits.Remove(id);

    /// <summary>A client follows through this member from now on.</summary>
    /// <returns>False when as many as allowed do.</returns>
    public bool Attach(RegistrySource client)
    {
        bool isAttached = _peers.Attach(client, _limits.FollowersMax);
        Counters.RefusedByLimit += isAttached ? 0 : 1;
        return isAttached;
    }

    /// <summary>A client is gone, and with it the names registered for it.</summary>
    public void Detach(TimeSpan now, PeerId client)
    {
        if (!_peers.Detach(client))
        {
            return;
        }

        ulong before = Version;
        foreach (string name in _table.Own.NamesOf(client))
        {
            RegistryEntry? former = _table.Own.Find(name);
            if (_table.Own.Remove(name) == RegisterOutcome.Done)
            {
                _table.PublishOwn(former, null);
            }
        }

        if (Version > before)
        {
            Tell(now, before, RegistrationPriority.Immediate);
        }
    }

    private static Registration ToRegistration(NameClaim claim) => new(claim.Log.Writer, claim.Entry);

    private RegisterResult Finish(TimeSpan now, RegisterOutcome outcome, ulong before, RegistryEntry? former, string name, RegistrationPriority priority)
    {
        if (outcome != RegisterOutcome.Done)
        {
            return new RegisterResult(outcome);
        }

        _table.PublishOwn(former, _table.Own.Find(name));
        Tell(now, before, priority);
        return new RegisterResult(outcome, Version);
    }
}
