using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>One random run: some seconds of faults under load, then all heals and everything must be as it should. The bounds are tiny, so that each is met.</summary>
internal sealed class RegistryChaos
{
    /// <summary>How long after the heal everything must be known everywhere.</summary>
    public const double HealedSecondsMax = 5;

    /// <summary>For three seeds of four; the fourth has the defaults. Small enough that most syncs take several messages, most sleepers need a sweep, and digests are split.</summary>
    public static readonly RegistryLimits Limits = new()
    {
        NameBytesMax = 12, MetadataBytesMax = 24, ChunkBytesMax = 600, DigestBytesMax = 600, DigestRowsMax = 2, RemovalsMax = 6, PullsMax = 2, WantsPerPullMax = 4, EntriesPerNodeMax = 40,
        PushBytesPerSecondMax = 2_000, AnswerBytesPerSecondMax = 60_000,
    };

    /// <summary>Of the load. The last fault begins early enough that who came back for it has its view before the heal; the network may be cut until then.</summary>
    private static readonly TimeSpan s_load = TimeSpan.FromSeconds(4);
    private const int ClientNumber = 100;
    private static readonly TimeSpan s_faults = TimeSpan.FromSeconds(1.7);
    private readonly RegistryWorld _world;
    private readonly RegistryChecks _checks;
    private readonly Random _random;
    private readonly RegistryNode[] _hosts;
    private readonly RegistryNode? _client;
    private RegistryNode? _upstream;

    public RegistryChaos(int seed, RegistryFlaws flaws = RegistryFlaws.None)
    {
        RegistryLimits limits = seed % 4 == 0 ? new RegistryLimits() : Limits;
        _world = new RegistryWorld(seed, limits, flaws: flaws);
        _checks = new RegistryChecks(_world, seed);
        _random = _world.Random;
        _world.OnHandled = node =>
        {
            // Nothing but a delta changes what is known of others.
            if (node.Core.Counters.DeltasApplied + node.Core.Counters.DeltasWithoutRoom is var deltas && deltas != node.DeltasChecked)
            {
                node.DeltasChecked = deltas;
                _checks.Logs(node);
            }
        };
        _world.OnEnd = _checks.Visible;
        _world.OnSend = (_, packet) =>
        {
            if (packet.Bytes.Length > limits.MessageBytesMax)
            {
                throw new RegistryViolation($"seed {seed}: a message of {packet.Bytes.Length} bytes");
            }
        };
        _hosts = _world.Cluster(_random.Next(3, 8));
        foreach (RegistryNode host in _hosts)
        {
            host.Core.Watch("", isPrefix: true);
        }

        if (_random.Next(2) == 0)
        {
            _checks.Client = _client = _world.Start(ClientNumber);
            _world.Install(_client, _world.View);
            _client.Core.Watch("", isPrefix: true);
        }
    }

    public long Messages => _world.MessagesSent;

    public long Sweeps => _world.Nodes.Sum(static node => node.Core.Counters.SweepsSent);

    public long Gaps => _world.Nodes.Sum(static node => node.Core.Counters.Gaps);

    public int Ends => _world.Nodes.Sum(static node => node.Ends.Count);

    public int Incarnations => _world.Nodes.Count;

    /// <summary>Runs it.</summary>
    /// <returns>How long after the heal everything was known everywhere.</returns>
    /// <exception cref="RegistryViolation">A promise did not hold.</exception>
    public TimeSpan Run()
    {
        _world.Loss = _random.NextDouble() * 0.3;
        _world.Doubled = _random.NextDouble() * 0.2;
        _world.DelayMax = TimeSpan.FromMilliseconds(_random.Next(1, 80));
        for (TimeSpan at = TimeSpan.Zero; at < s_load; at += TimeSpan.FromMilliseconds(_random.Next(5, 120)))
        {
            _world.At(at, Write);
        }

        for (int fault = _random.Next(1, 5); fault > 0; fault--)
        {
            _world.At(s_faults * _random.NextDouble(), _random.Next(5) switch { 0 => Partition, 1 => Restart, 2 => EvictAlive, 3 => Pause, _ => Sleep });
        }

        for (TimeSpan at = TimeSpan.Zero; at < s_load; at += TimeSpan.FromMilliseconds(300))
        {
            _world.At(at, DriveClient);
        }

        _world.Run(s_load.TotalSeconds);
        Heal();
        TimeSpan healed = _world.RunUntil(_checks.IsConverged, HealedSecondsMax, _checks.Missing);
        _checks.Same();
        _checks.Losers();
        return healed;
    }

    private RegistryNode Any() => _hosts[_random.Next(_hosts.Length)];

    private void Write()
    {
        RegistryNode node = Any();
        if (!node.IsAlive)
        {
            return;
        }

        for (int burst = _random.Next(8) == 0 ? 12 : 1; burst > 0; burst--)
        {
            string name = $"n{_random.Next(12)}";
            RegistrationPriority priority = _random.Next(4) == 0 ? RegistrationPriority.Immediate : RegistrationPriority.Normal;
            RegisterResult result = _random.Next(3) switch
            {
                0 => _world.Unregister(node, name, priority),
                1 => _world.Change(node, name, new byte[_random.Next(Limits.MetadataBytesMax)]),
                _ => _world.Register(node, name, priority, new byte[_random.Next(Limits.MetadataBytesMax)]),
            };
            if (result.Outcome == RegisterOutcome.Done && _random.Next(6) == 0)
            {
                _world.Wait(node, result.Version, 0.1 + (_random.NextDouble() * 4));
            }
        }
    }

    /// <summary>What a client's shell does: follow some member that lives, register through it, and move on when it is gone.</summary>
    private void DriveClient()
    {
        if (_client is null)
        {
            return;
        }

        if (_upstream is not { IsAlive: true, Core.IsMember: true } || _random.Next(6) == 0)
        {
            if (_upstream is { IsAlive: true, Core.IsMember: true } former)
            {
                _world.Detach(former, _client);
            }

            _upstream = Array.Find(_hosts, static host => host is { IsAlive: true, Core.IsMember: true });
            _upstream?.Core.Attach(_client.Self);
            _client.Core.SetUpstream(_world.Now, _upstream?.Self);
            _world.Collect(_client);
        }

        if (_upstream is not null)
        {
            _world.RegisterFor(_client, _upstream, $"n{_random.Next(12)}");
        }
    }

    /// <summary>A node stands still: what is sent to it waits, and it does not notice the time.</summary>
    private void Pause() => Any().PausedUntil = _world.Now + TimeSpan.FromSeconds(0.2 + (_random.NextDouble() * 1.5));

    /// <summary>Cuts some nodes from the others, both ways or one way.</summary>
    private void Partition()
    {
        HashSet<PeerId> apart = [.. _hosts.Where(_ => _random.Next(2) == 0).Select(static host => host.Self.Id)];
        bool oneWay = _random.Next(3) == 0;
        _world.IsCut = (from, to) => apart.Contains(from) != apart.Contains(to) && (!oneWay || apart.Contains(from));
        EndCut();
    }

    /// <summary>A node crashes; it is evicted and comes back as another incarnation in one view or two.</summary>
    private void Restart()
    {
        int host = _random.Next(_hosts.Length);
        RegistryNode old = _hosts[host];
        _world.Stop(old);
        Replace(host, old, _random.Next(2) == 0);
    }

    /// <summary>A node is evicted though it lives: it goes on for a while, learns it and comes back.</summary>
    private void EvictAlive()
    {
        int host = _random.Next(_hosts.Length);
        RegistryNode old = _hosts[host];
        RegistryView without = _world.Agree([], old);
        Spread(without, except: old);
        _world.At(_world.Now + TimeSpan.FromSeconds(_random.NextDouble()), () =>
        {
            if (old.IsAlive)
            {
                _world.Install(old, without);
                _checks.Owners(old);
                _world.Stop(old);
                Replace(host, null, atOnce: true);
            }
        });
    }

    /// <summary>A node hears nothing for long enough that others forget what they removed meanwhile.</summary>
    private void Sleep()
    {
        PeerId asleep = Any().Self.Id;
        _world.IsCut = (from, to) => from == asleep || to == asleep;
        EndCut();
    }

    private void EndCut()
    {
        if (_random.Next(2) == 0)
        {
            _world.At(_world.Now + TimeSpan.FromSeconds(0.5 + _random.NextDouble()), () => _world.IsCut = null);
        }
    }

    private void Replace(int host, RegistryNode? old, bool atOnce)
    {
        if (old is not null && !atOnce)
        {
            Spread(_world.Agree([], old), except: old);
        }

        _world.At(_world.Now + TimeSpan.FromSeconds(_random.NextDouble()), () =>
        {
            if (_hosts[host].IsAlive)
            {
                return;
            }

            RegistryNode node = _world.Start(host);
            RegistryNode former = _hosts[host];
            _hosts[host] = node;
            node.Core.Watch("", isPrefix: true);
            if (_random.Next(2) == 0)
            {
                _world.Register(node, $"n{_random.Next(12)}"); // Before it is a member.
            }

            Spread(_world.Agree([node], former), except: null);
        });
    }

    /// <summary>A view reaches each node at a time of its own.</summary>
    private void Spread(RegistryView view, RegistryNode? except)
    {
        foreach (RegistryNode node in _client is null ? _hosts : [.. _hosts, _client])
        {
            if (node != except)
            {
                _world.At(_world.Now + TimeSpan.FromMilliseconds(_random.Next(300)), () => InstallIfAlive(node, view));
            }
        }
    }

    private void InstallIfAlive(RegistryNode node, RegistryView view)
    {
        if (node.IsAlive)
        {
            _world.Install(node, view);
            _checks.Owners(node);
        }
    }

    /// <summary>The network is whole again, who is dead is gone, and everybody has the newest view.</summary>
    private void Heal()
    {
        _world.IsCut = null;
        _world.Loss = _world.Doubled = 0;
        _world.DelayMax = TimeSpan.FromMilliseconds(5);
        RegistryView view = _world.Agree([], [.. _world.Nodes.Where(static node => !node.IsAlive)]);
        foreach (RegistryNode node in _client is null ? _hosts : [.. _hosts, _client])
        {
            InstallIfAlive(node, view);
        }

        DriveClient();
    }
}
