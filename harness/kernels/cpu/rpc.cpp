// The path of a remote call on one host: ids and lengths of several tables are encoded into one message, sent over a
// loopback TCP connection to a thread that answers with an empty message, and decoded.
#include <stdexcept>
#include <string>

#include "launch.h"

#if defined(__unix__) || defined(__APPLE__)
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

// Where a send can only be kept from raising a signal by an option of the socket.
#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif

namespace {

constexpr uint32_t magic = 0x52464c54;
constexpr int64_t idsPerLength = 10;
constexpr int64_t mostTables = 16;

struct Header {
  uint32_t magic;
  uint32_t tables;
  uint64_t bytes;
};

struct TableHeader {
  uint32_t lengths;
  uint32_t ids;
};

/// What one request asks of one table: `lengths[i]` of the ids belong to candidate i.
struct Lookups {
  std::vector<int32_t> lengths;
  std::vector<int64_t> ids;
  bool operator==(const Lookups& other) const { return lengths == other.lengths && ids == other.ids; }
};

using Request = std::vector<Lookups>;

/// A request whose ids and lengths take `bytes`, less at most 7 that fill no id.
Request makeRequest(int64_t bytes) {
  const int64_t lengths = bytes / (4 + 8 * idsPerLength), ids = (bytes - 4 * lengths) / 8;
  const int64_t tables = std::max<int64_t>(1, std::min(mostTables, lengths));
  Request request(static_cast<size_t>(tables));
  uint64_t state = 1;
  for (int64_t t = 0; t < tables; t++) {
    Lookups& lookups = request[size_t(t)];
    const int64_t own = lengths * (t + 1) / tables - lengths * t / tables;
    const int64_t ownIds = ids * (t + 1) / tables - ids * t / tables;
    for (int64_t i = 0; i < own; i++) {
      lookups.lengths.push_back(int32_t(ownIds * (i + 1) / own - ownIds * i / own));
    }
    for (int64_t i = 0; i < ownIds; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      lookups.ids.push_back(int64_t(state >> 8));
    }
  }
  return request;
}

size_t encodedBytes(const Request& request) {
  size_t bytes = sizeof(Header);
  for (const Lookups& lookups : request) {
    bytes += sizeof(TableHeader) + 4 * lookups.lengths.size() + 8 * lookups.ids.size();
  }
  return bytes;
}

void encode(const Request& request, std::vector<char>& message) {
  message.resize(encodedBytes(request));
  char* to = message.data();
  const auto put = [&](const void* from, size_t bytes) {
    // An empty vector has no data to copy from.
    if (bytes > 0) memcpy(to, from, bytes);
    to += bytes;
  };
  const Header header{magic, uint32_t(request.size()), message.size() - sizeof(Header)};
  put(&header, sizeof header);
  for (const Lookups& lookups : request) {
    const TableHeader table{uint32_t(lookups.lengths.size()), uint32_t(lookups.ids.size())};
    put(&table, sizeof table);
    put(lookups.lengths.data(), 4 * lookups.lengths.size());
    put(lookups.ids.data(), 8 * lookups.ids.size());
  }
}

/// Into vectors that keep their memory between requests; lengths must add up to the ids, where there are any.
void decode(const std::vector<char>& message, Request& request) {
  const char* from = message.data();
  const char* end = from + message.size();
  const auto get = [&](void* to, size_t bytes) {
    if (bytes > size_t(end - from)) throw std::runtime_error("the message ends too early");
    if (bytes > 0) memcpy(to, from, bytes);
    from += bytes;
  };
  Header header;
  get(&header, sizeof header);
  if (header.magic != magic || header.bytes != message.size() - sizeof header) throw std::runtime_error("not a message");
  request.resize(header.tables);
  for (Lookups& lookups : request) {
    TableHeader table;
    get(&table, sizeof table);
    if (4 * size_t(table.lengths) + 8 * size_t(table.ids) > size_t(end - from)) {
      throw std::runtime_error("the message ends too early");
    }
    lookups.lengths.resize(table.lengths);
    lookups.ids.resize(table.ids);
    get(lookups.lengths.data(), 4 * lookups.lengths.size());
    get(lookups.ids.data(), 8 * lookups.ids.size());
    int64_t sum = 0;
    for (const int32_t length : lookups.lengths) sum += length;
    if (table.lengths > 0 && sum != table.ids) throw std::runtime_error("lengths do not add up to ids");
  }
}

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string(what) + ": " + strerror(errno)); }

void sendAll(int socket, const char* from, size_t bytes) {
  while (bytes > 0) {
    const ssize_t sent = send(socket, from, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) fail("send");
    from += sent;
    bytes -= size_t(sent);
  }
}

/// False when the other side has closed.
bool receiveAll(int socket, char* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = recv(socket, to, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    bytes -= size_t(got);
  }
  return true;
}

/// Header and body of a message; the vector keeps its memory.
bool receiveMessage(int socket, std::vector<char>& message) {
  message.resize(std::max(message.size(), sizeof(Header)));
  if (!receiveAll(socket, message.data(), sizeof(Header))) return false;
  const size_t bytes = bitsAs<Header>(*reinterpret_cast<const char(*)[sizeof(Header)]>(message.data())).bytes;
  message.resize(sizeof(Header) + bytes);
  return receiveAll(socket, message.data() + sizeof(Header), bytes);
}

/// A connection to a thread that takes messages and answers each with an empty one.
class Loopback {
 public:
  explicit Loopback(int processor) {
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool ready = bind(listening, (sockaddr*)&address, sizeof address) == 0 && listen(listening, 1) == 0 &&
                       getsockname(listening, (sockaddr*)&address, &size) == 0;
    client = ::socket(AF_INET, SOCK_STREAM, 0);
    const bool connected = ready && client >= 0 && connect(client, (sockaddr*)&address, sizeof address) == 0;
    if (connected) served = accept(listening, nullptr, nullptr);
    const int error = errno;
    close(listening);
    if (!connected || served < 0) {
      if (client >= 0) close(client);
      errno = error;
      fail("loopback connection");
    }
    for (const int each : {client, served}) {
      const int on = 1;
      setsockopt(each, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#if defined(SO_NOSIGPIPE)
      setsockopt(each, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    }
    server = std::thread([this, processor] {
      if (processor >= 0) pinTo(processor);
      serve();
    });
  }

  ~Loopback() {
    shutdown(client, SHUT_RDWR);
    server.join();
    close(client);
    close(served);
  }

  void call(const std::vector<char>& message) {
    sendAll(client, message.data(), message.size());
    if (!receiveMessage(client, answer)) throw std::runtime_error("the loopback connection has closed");
  }

  /// The last message as the server has it; only between calls.
  const std::vector<char>& arrived() const { return request; }

 private:
  void serve() {
    const Header empty{magic, 0, 0};
    try {
      while (receiveMessage(served, request)) sendAll(served, reinterpret_cast<const char*>(&empty), sizeof empty);
    } catch (const std::exception&) {
      // The client sees a closed connection and says so.
      shutdown(served, SHUT_RDWR);
    }
  }

  int client = -1, served = -1;
  std::vector<char> request, answer;
  std::thread server;
};

struct Call {
  Request request, decoded;
  std::vector<char> message;
  std::unique_ptr<Loopback> loopback;
};

Call& callOf(const Launch& launch) { return *static_cast<Call*>(launch.state); }

void serialise(const Launch& launch) { encode(callOf(launch).request, callOf(launch).message); }
void deserialise(const Launch& launch) { decode(callOf(launch).message, callOf(launch).decoded); }
void roundTrip(const Launch& launch) { callOf(launch).loopback->call(callOf(launch).message); }

Prepared prepareCodec(Device&, const int64_t* axes, int) {
  auto call = std::make_shared<Call>();
  call->request = makeRequest(axes[0]);
  encode(call->request, call->message);
  decode(call->message, call->decoded);
  return {call, call->decoded == call->request ? 0.0 : 1.0};
}

Prepared prepareRoundTrip(Device& device, const int64_t* axes, int) {
  auto call = std::make_shared<Call>();
  call->request = makeRequest(axes[0]);
  encode(call->request, call->message);
  // The server runs on the last core, as far from the client as can be.
  call->loopback.reset(new Loopback(device.processors.back()));
  call->loopback->call(call->message);
  decode(call->loopback->arrived(), call->decoded);
  return {call, call->decoded == call->request ? 0.0 : 1.0};
}

const Register serialises("rpc-serialise/bytes", serialise, prepareCodec);
const Register deserialises("rpc-deserialise/bytes", deserialise, prepareCodec);
const Register roundTrips("rpc-round-trip/bytes", roundTrip, prepareRoundTrip);

}  // namespace
#endif
