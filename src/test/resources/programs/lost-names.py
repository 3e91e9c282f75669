# SPDX-License-Identifier: Apache-2.0
# ---
# what: "Files that have lost the name they were opened by: locks and queues of Python's multiprocessing"
# expect: moves
# from: checkpoint-restore/criu#3096, checkpoint-restore/criu#2681, checkpoint-restore/criu#1113
# ---
import multiprocessing


def work(jobs, answers, lock):
    count = 0
    while True:
        job = jobs.get()
        with lock:
            count += 1
            answers.put((job * job, count))


if __name__ == "__main__":
    from serve import serve

    context = multiprocessing.get_context("spawn")
    jobs, answers, lock = context.Queue(), context.Queue(), context.Lock()
    context.Process(target=work, args=(jobs, answers, lock), daemon=True).start()
    asked = 0

    def check():
        global asked
        asked += 1
        jobs.put(asked)
        said = answers.get(timeout=5)
        return said == (asked * asked, asked) or f"the worker says {said} to {asked}"

    serve(check)
